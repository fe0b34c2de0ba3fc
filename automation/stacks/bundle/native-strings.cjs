'use strict';

const { Buffer } = require('node:buffer');

/**
 * google-protobuf encodes and decodes strings character by character in JavaScript. The code of a Lambda function, 300 kB, goes
 * through that several times in an operation: a tenth of its CPU time once the process is warm. Node.js does the same natively.
 * The bytes are the same, except for half surrogates, which are no valid UTF-8: they become U+FFFD.
 * @param protobuf the package's exports, which are changed
 * @see https://protobuf.dev/programming-guides/encoding/#length-types (strings and bytes are encoded alike)
 */
module.exports = function useNativeStrings({ BinaryReader, BinaryWriter }) {
  BinaryWriter.prototype.writeString = function (field, text) {
    if (text !== null && text !== undefined) this.writeBytes(field, Buffer.from(text));
  };
  BinaryReader.prototype.readString = function () {
    const { buffer, byteOffset, byteLength } = this.readBytes();
    return Buffer.from(buffer, byteOffset, byteLength).toString();
  };
};
