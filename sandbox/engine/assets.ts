import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Properties, Property } from '../provider.ts';
import { ARCHIVE, ASSET, SIGNATURE } from '../provider.ts';
import { isObject, mapProperties, signatureOf } from './properties.ts';

type AssetObject = { [key: string]: Property };

/**
 * Adds to every asset and archive the hash by which the engine compares them, and drops the SDK's own markers.
 * @param directory where relative paths begin
 * @see https://www.pulumi.com/docs/iac/concepts/assets-archives/
 */
export function hashAssets(properties: Properties, directory: string): Properties {
  return mapProperties(properties, (value) => {
    const mark = signatureOf(value);
    if (!isObject(value) || (mark !== ASSET && mark !== ARCHIVE) || typeof value['hash'] === 'string') {
      return value;
    }
    const plain = Object.entries(value).filter(([key]) => !key.startsWith('__pulumi') && key !== SIGNATURE);
    const content = mark === ASSET ? assetContent(value, directory) : archiveContent(value, directory);
    const hash = createHash('sha256').update(content).digest('hex');
    return Object.fromEntries([[SIGNATURE, mark], ...plain, ['hash', hash]]);
  });
}

/** Leaves only the hash of assets and archives, as the engine does when a provider needs no content. */
export function elideAssets(properties: Properties): Properties {
  return mapProperties(properties, (value) => {
    const mark = signatureOf(value);
    if (!isObject(value) || (mark !== ASSET && mark !== ARCHIVE)) {
      return value;
    }
    return { [SIGNATURE]: mark, hash: value['hash'] ?? '' };
  });
}

/** Restores the empty list of members of an archive of which only the hash is known: the form used in the state. */
export function completeAssets(properties: Properties): Properties {
  return mapProperties(properties, (value) =>
    isObject(value) &&
    signatureOf(value) === ARCHIVE &&
    value['assets'] === undefined &&
    value['path'] === undefined &&
    value['uri'] === undefined
      ? { ...value, assets: {} }
      : value,
  );
}

function assetContent(asset: AssetObject, directory: string): Buffer {
  if (typeof asset['path'] === 'string') {
    return readFileSync(resolve(directory, asset['path']));
  }
  if (typeof asset['uri'] === 'string' && asset['uri'] !== '') {
    return uriContent(asset['uri']);
  }
  return Buffer.from(typeof asset['text'] === 'string' ? asset['text'] : '');
}

function uriContent(uri: string): Buffer {
  if (uri.startsWith('file://')) {
    return readFileSync(new URL(uri));
  }
  // The sandbox fetches nothing; the URL stands for its content.
  return Buffer.from(uri);
}

function archiveContent(archive: AssetObject, directory: string): Buffer {
  if (typeof archive['path'] === 'string' && statSync(resolve(directory, archive['path'])).isFile()) {
    return readFileSync(resolve(directory, archive['path']));
  }
  if (typeof archive['uri'] === 'string' && archive['uri'] !== '') {
    return uriContent(archive['uri']);
  }
  const members = [...archiveMembers(archive, directory)].sort(([left], [right]) => (left < right ? -1 : 1));
  return Buffer.concat([...members.flatMap(([name, content]) => tarMember(name, content)), Buffer.alloc(1024)]);
}

function* archiveMembers(archive: AssetObject, directory: string): Generator<[string, Buffer]> {
  if (typeof archive['path'] === 'string') {
    const root = resolve(directory, archive['path']);
    for (const name of filesBelow(root, '')) {
      yield [name, readFileSync(join(root, name))];
    }
    return;
  }
  for (const [name, member] of Object.entries(isObject(archive['assets']) ? archive['assets'] : {})) {
    if (isObject(member) && signatureOf(member) === ARCHIVE) {
      for (const [inner, content] of archiveMembers(member, directory)) {
        yield [`${name}/${inner}`, content];
      }
    } else if (isObject(member)) {
      yield [name, assetContent(member, directory)];
    }
  }
}

function filesBelow(root: string, prefix: string): string[] {
  return readdirSync(join(root, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, name) : [name];
  });
}

/** One member of a USTAR archive with neither owner nor time: the canonical form that the engine hashes. */
function tarMember(name: string, content: Buffer): Buffer[] {
  const header = Buffer.alloc(512);
  header.write(name.slice(-100), 0);
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write('0000000\0', 329);
  header.write('0000000\0', 337);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
