/**
 * A configuration file in a zip archive, as tools that know CodePipeline put one into S3: its S3 source takes nothing else.
 * Reads as much of the format as these archives use; an entry is unpacked to at most the size of a configuration file.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { CONFIG_FILE, CONFIG_FILE_BYTES } from './source.ts';

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
/** The end of the directory, with the longest comment that may follow it. */
const END_BYTES = 22 + 65_535;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** More entries, or a larger archive, are told by a value that the format before zip64 has no room for. */
const ZIP64 = 0xffff_ffff;

interface Entry {
  name: string;
  flags: number;
  method: number;
  crc: number;
  packedBytes: number;
  offset: number;
}

/** JSON begins otherwise. */
export function isArchive(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32LE() === LOCAL_HEADER;
}

/** @returns the configuration file of an archive, or why there is none: completes "the archive …" */
export function configIn(bytes: Uint8Array): { file: Uint8Array } | { problem: string } {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const entry = configEntry(entriesOf(archive));
    if (!entry) return { problem: `has no ${CONFIG_FILE}, neither at its root nor in its only folder` };
    if (entry.flags & ENCRYPTED) return { problem: 'is encrypted' };
    return unpacked(archive, entry);
  } catch (error) {
    // Offsets and lengths lead out of the archive, or what was packed is damaged.
    if (error instanceof RangeError || (error as NodeJS.ErrnoException).code?.startsWith('Z_')) return DAMAGED;
    throw error;
  }
}

const DAMAGED = { problem: 'is damaged, or is no zip archive' };

/** Archives that a git host makes have everything in one folder. */
function configEntry(entries: readonly Entry[]): Entry | undefined {
  const files = entries.filter(({ name }) => !name.endsWith('/'));
  const root = files.find(({ name }) => name === CONFIG_FILE);
  const [folder, ...others] = new Set(files.map(({ name }) => name.split('/', 1)[0]));
  return root ?? (others.length === 0 ? files.find(({ name }) => name === `${folder}/${CONFIG_FILE}`) : undefined);
}

function entriesOf(archive: Buffer): Entry[] {
  const tail = Math.max(0, archive.length - END_BYTES);
  const signature = Buffer.alloc(4);
  signature.writeUInt32LE(END_OF_DIRECTORY);
  const end = archive.subarray(tail).lastIndexOf(signature);
  if (end === -1) throw new RangeError('no end of the directory');
  const count = archive.readUInt16LE(tail + end + 10);
  let at = archive.readUInt32LE(tail + end + 16);
  if (at === ZIP64) throw new RangeError('zip64');
  return Array.from({ length: count }, () => {
    if (archive.readUInt32LE(at) !== CENTRAL_HEADER) throw new RangeError('no entry');
    const nameBytes = archive.readUInt16LE(at + 28);
    const entry = {
      name: archive.toString('utf8', at + 46, at + 46 + nameBytes),
      flags: archive.readUInt16LE(at + 8),
      method: archive.readUInt16LE(at + 10),
      crc: archive.readUInt32LE(at + 16),
      packedBytes: archive.readUInt32LE(at + 20),
      offset: archive.readUInt32LE(at + 42),
    };
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    return entry;
  });
}

function unpacked(
  archive: Buffer,
  { method, crc, packedBytes, offset }: Entry,
): { file: Uint8Array } | { problem: string } {
  if (archive.readUInt32LE(offset) !== LOCAL_HEADER) return DAMAGED;
  const begin = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  const packed = archive.subarray(begin, begin + packedBytes);
  if (method !== STORED && method !== DEFLATED)
    return { problem: `compresses ${CONFIG_FILE} by another method than deflate` };
  try {
    const file = method === STORED ? packed : inflateRawSync(packed, { maxOutputLength: CONFIG_FILE_BYTES });
    return crc32(file) === crc ? { file } : DAMAGED;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    return { problem: `contains a ${CONFIG_FILE} that is larger than ${CONFIG_FILE_BYTES} bytes (1 MiB)` };
  }
}
