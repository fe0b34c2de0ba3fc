import assert from 'node:assert/strict';
import { configIn, isArchive } from '../../../automation/sources/config-archive.ts';
import { zipOf } from '../../support/zip.ts';

const CONFIG = JSON.stringify({ pipeline_type: 'byom_realtime_builtin', note: 'é'.repeat(500) });

const textIn = (archive: Uint8Array) => {
  const found = configIn(archive);
  return 'file' in found ? Buffer.from(found.file).toString() : found.problem;
};

describe('a configuration file in an archive', () => {
  it('is told from JSON', () => {
    assert.ok(isArchive(zipOf({ 'mlops-config.json': CONFIG })));
    for (const text of [CONFIG, '', 'PK', '[]']) assert.ok(!isArchive(Buffer.from(text)));
  });

  it('is at the root, or in the only folder', () => {
    assert.equal(textIn(zipOf({ 'README.md': 'x', 'mlops-config.json': CONFIG, 'a/mlops-config.json': '[]' })), CONFIG);
    assert.equal(
      textIn(zipOf({ 'models-main/': '', 'models-main/README.md': '', 'models-main/mlops-config.json': CONFIG })),
      CONFIG,
    );
    assert.equal(textIn(zipOf({ 'mlops-config.json': CONFIG }, { stored: true, comment: 'of a pipeline' })), CONFIG);
    for (const files of [
      { 'a/mlops-config.json': CONFIG, 'b/README.md': '' },
      { 'a/b/mlops-config.json': CONFIG },
      { '../mlops-config.json': CONFIG, x: '' },
      { 'mlops-config.json.bak': CONFIG },
      {},
    ] as Record<string, string>[]) {
      assert.match(textIn(zipOf(files)), /^has no mlops-config\.json/, Object.keys(files).join());
    }
  });

  it('is unpacked to no more than a configuration file may have', () => {
    assert.match(textIn(zipOf({ 'mlops-config.json': Buffer.alloc(2_000_000) })), /larger than 1048576 bytes/);
  });

  it('is not read where it is encrypted, damaged or packed in another way', () => {
    assert.equal(textIn(zipOf({ 'mlops-config.json': CONFIG }, { flags: 1 })), 'is encrypted');
    assert.match(textIn(zipOf({ 'mlops-config.json': CONFIG }, { method: 93 })), /another method than deflate$/);
    const archive = zipOf({ 'mlops-config.json': CONFIG });
    // The last two bytes are the length of a comment, which is not read.
    for (let length = 4; length < archive.length - 2; length++) {
      assert.match(textIn(archive.subarray(0, length)), /^is damaged/, String(length));
    }
    // Of all that one wrong byte can do, the file is never another than it was.
    for (let at = 4; at < archive.length; at++) {
      const changed = Buffer.from(archive);
      changed.writeUInt8(changed.readUInt8(at) ^ 0xff, at);
      const text = textIn(changed);
      assert.ok(text === CONFIG || /^(is|has no|compresses|contains) /.test(text), `${at}: ${text}`);
    }
  });
});
