/**
 * A configuration file in a zip archive, as tools that know CodePipeline put one into S3: its S3 source takes nothing else.
 * An entry is unpacked to at most the size of a configuration file.
 */
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';
import { fromBufferPromise } from 'yauzl';
import { CONFIG_FILE, CONFIG_FILE_BYTES } from './source.ts';

/** What an archive begins with; JSON begins otherwise. */
const LOCAL_HEADER = Buffer.from('PK\x03\x04');

export function isArchive(bytes: Uint8Array): boolean {
  return LOCAL_HEADER.equals(bytes.subarray(0, LOCAL_HEADER.length));
}

/** @returns the configuration file of an archive, or why there is none: completes "the archive …" */
export async function configIn(bytes: Uint8Array): Promise<{ file: Uint8Array } | { problem: string }> {
  try {
    const archive = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      autoClose: false,
    });
    const entries: Entry[] = [];
    for await (const entry of archive.eachEntry()) entries.push(entry);
    const entry = configEntry(entries);
    if (!entry) return { problem: `has no ${CONFIG_FILE}, neither at its root nor in its only folder` };
    if (entry.isEncrypted()) return { problem: 'is encrypted' };
    if (!entry.canDecodeFileData()) return { problem: `compresses ${CONFIG_FILE} by another method than deflate` };
    if (entry.uncompressedSize > CONFIG_FILE_BYTES) {
      return { problem: `contains a ${CONFIG_FILE} that is larger than ${CONFIG_FILE_BYTES} bytes (1 MiB)` };
    }
    // It ends with an error once there is more than the entry says.
    const file = await buffer(await archive.openReadStreamPromise(entry));
    return crc32(file) === entry.crc32 ? { file } : { problem: 'is damaged: the checksum is wrong' };
  } catch (error) {
    return { problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Archives that a git host makes have everything in one folder. */
function configEntry(entries: readonly Entry[]): Entry | undefined {
  const files = entries.filter(({ fileName }) => !fileName.endsWith('/'));
  const root = files.find(({ fileName }) => fileName === CONFIG_FILE);
  const [folder, ...others] = new Set(files.map(({ fileName }) => fileName.split('/', 1)[0]));
  return (
    root ?? (others.length === 0 ? files.find(({ fileName }) => fileName === `${folder}/${CONFIG_FILE}`) : undefined)
  );
}
