import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';

/** As much of the package as is needed here. */
interface Protobuf {
  BinaryWriter: new () => { writeString(field: number, text: string | undefined): void; getResultBuffer(): Uint8Array };
  BinaryReader: new (bytes: Uint8Array) => { nextField(): boolean; getFieldNumber(): number; readString(): string };
}

const require = createRequire(import.meta.url);
const useNativeStrings = require('../../../automation/stacks/bundle/native-strings.cjs') as (
  protobuf: Protobuf,
) => void;

/** A copy of its own, as it is installed. */
function protobuf(): Protobuf {
  const path = createRequire(require.resolve('@pulumi/pulumi')).resolve('google-protobuf');
  const exports = {};
  runInNewContext(readFileSync(path, 'utf8'), { exports, Uint8Array, ArrayBuffer, Buffer, console });
  return exports as Protobuf;
}

describe('native strings of google-protobuf', () => {
  const plain = protobuf();
  const native = protobuf();
  useNativeStrings(native);

  const written = ({ BinaryWriter }: Protobuf, text: string): Uint8Array => {
    const writer = new BinaryWriter();
    writer.writeString(7, text);
    return writer.getResultBuffer();
  };
  const read = ({ BinaryReader }: Protobuf, bytes: Uint8Array): string => {
    const reader = new BinaryReader(bytes);
    assert.ok(reader.nextField());
    assert.equal(reader.getFieldNumber(), 7);
    return reader.readString();
  };

  it('are the same bytes and the same text as those of the package', () => {
    const unit = fc.constantFrom('a', '\0', 'ü', '€', '😀', '\uffff', '"', '\n');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const bytes = written(plain, text);
        assert.deepEqual(written(native, text), bytes);
        assert.equal(read(native, bytes), text);
      }),
    );
  });

  it('leave out what is not set', () => {
    const writer = new native.BinaryWriter();
    writer.writeString(7, undefined);
    assert.equal(writer.getResultBuffer().length, 0);
  });
});
