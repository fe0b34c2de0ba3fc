import assert from 'node:assert/strict';
import { configIn, isArchive } from '../../../automation/sources/config-archive.ts';
import { zipOf } from '../../support/zip.ts';

const CONFIG = JSON.stringify({ pipeline_type: 'byom_realtime_builtin', note: 'é'.repeat(500) });

const textIn = async (archive: Uint8Array) => {
  const found = await configIn(archive);
  return 'file' in found ? Buffer.from(found.file).toString() : found.problem;
};

describe('a configuration file in an archive', () => {
  it('is told from JSON', () => {
    assert.ok(isArchive(zipOf({ 'mlops-config.json': CONFIG })));
    for (const text of [CONFIG, '', 'PK', '[]']) assert.ok(!isArchive(Buffer.from(text)));
  });

  it('is at the root, or in the only folder', async () => {
    assert.equal(
      await textIn(zipOf({ 'README.md': 'x', 'mlops-config.json': CONFIG, 'a/mlops-config.json': '[]' })),
      CONFIG,
    );
    assert.equal(
      await textIn(zipOf({ 'models-main/': '', 'models-main/README.md': '', 'models-main/mlops-config.json': CONFIG })),
      CONFIG,
    );
    assert.equal(
      await textIn(zipOf({ 'mlops-config.json': CONFIG }, { stored: true, comment: 'of a pipeline' })),
      CONFIG,
    );
    for (const files of [
      { 'a/mlops-config.json': CONFIG, 'b/README.md': '' },
      { 'a/b/mlops-config.json': CONFIG },
      { 'mlops-config.json.bak': CONFIG },
      {},
    ] as Record<string, string>[]) {
      assert.match(await textIn(zipOf(files)), /^has no mlops-config\.json/, Object.keys(files).join());
    }
  });

  it('is not looked for in an archive whose paths lead out of it', async () => {
    const text = await textIn(zipOf({ 'mlops-config.json': CONFIG, '../outside': '' }));
    assert.match(text, /^cannot be read: invalid relative path: \.\.\/outside/);
  });

  it('is unpacked to no more than a configuration file may have', async () => {
    const large = zipOf({ 'mlops-config.json': Buffer.alloc(2_000_000) });
    assert.match(await textIn(large), /larger than 1048576 bytes/);
    // The entry says that it is smaller than it is.
    large.writeUInt32LE(1_000, large.indexOf('PK\x01\x02') + 24);
    assert.match(await textIn(large), /^cannot be read: too many bytes in the stream/);
  });

  it('is not read where it is encrypted, damaged or packed in another way', async () => {
    assert.equal(await textIn(zipOf({ 'mlops-config.json': CONFIG }, { flags: 1 })), 'is encrypted');
    assert.match(await textIn(zipOf({ 'mlops-config.json': CONFIG }, { method: 93 })), /another method than deflate$/);
    const archive = zipOf({ 'mlops-config.json': CONFIG });
    // The last two bytes are the length of a comment, which is not read.
    for (let length = 4; length < archive.length - 2; length++) {
      assert.match(await textIn(archive.subarray(0, length)), /^cannot be read: /, String(length));
    }
    // Of all that one wrong byte can do, the file is never another than it was.
    for (let at = 4; at < archive.length; at++) {
      const changed = Buffer.from(archive);
      changed.writeUInt8(changed.readUInt8(at) ^ 0xff, at);
      const text = await textIn(changed);
      assert.ok(text === CONFIG || /^(is|has no|compresses|contains|cannot be read) ?/.test(text), `${at}: ${text}`);
    }
  });
});
