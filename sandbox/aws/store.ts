/**
 * The sandbox account on disk: one file per resource, so that several processes share it without a lock. A name is
 * taken by creating its file, which the file system lets exactly one process do.
 */
import { createHash } from 'node:crypto';
import { link, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Properties } from '../provider.ts';
import { entries, isCode, readIfThere, replaceFile, writeBeside } from './files.ts';
import type { Scope } from './partitions.ts';

/** A change that is under way: it has happened once `readyAt` (milliseconds since 1970) has passed. */
export interface Transition {
  status: string;
  readyAt: number;
  /** Inputs in force from then on. */
  inputs?: Properties;
  /** Status at rest from then on; default: `InService`. */
  then?: string;
}

export interface StoredResource {
  type: string;
  /** Unique within account, region and type: what the file is called. */
  key: string;
  id: string;
  urn: string;
  accountId: string;
  /** A region, or `global`. */
  region: string;
  inputs: Properties;
  /** Only what AWS added; a resource's outputs are its inputs and these. */
  outputs: Properties;
  createdAt: string;
  /** Status at rest, for what has one: `InService`, `Failed`. */
  status?: string;
  failureReason?: string;
  transition?: Transition;
  /** Deleted, but its name stays taken until then (milliseconds since 1970). */
  deletedUntil?: number;
}

/** Where the resources of one type are: the region is `global` for services without one. */
export interface Place {
  accountId: string;
  region: string;
  type: string;
}

/** The resource as it is at `now`: a change whose time has passed has happened, regardless of who started it. */
export function settled(resource: StoredResource, now: number): StoredResource {
  const { transition, ...rest } = resource;
  if (!transition || now < transition.readyAt) return resource;
  return { ...rest, inputs: transition.inputs ?? rest.inputs, status: transition.then ?? 'InService' };
}

/** The status to show: that of the change under way, or the one at rest. */
export function statusOf(resource: StoredResource): string {
  return resource.transition?.status ?? resource.status ?? 'InService';
}

export function placeOf(type: { token: string; global?: boolean }, scope: Scope): Place {
  return { accountId: scope.accountId, region: type.global ? 'global' : scope.region, type: type.token };
}

export class Store {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Takes the key and writes the resource in one step. @returns false where the key is taken. */
  async create(resource: StoredResource): Promise<boolean> {
    const path = this.path(resource, resource.key);
    const tombstone = await this.readPath(path);
    if (tombstone?.deletedUntil !== undefined && tombstone.deletedUntil <= Date.now()) await this.remove(tombstone);
    const temporary = await writeBeside(path, textOf(resource));
    try {
      // A hard link fails when its target exists and shows the whole content at once: exclusive and atomic.
      await link(temporary, path);
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST')) return false;
      throw error;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  /** Replaces what is there. */
  async write(resource: StoredResource): Promise<void> {
    await replaceFile(this.path(resource, resource.key), textOf(resource));
  }

  /** @returns the resource as it is now, or undefined where there is none. */
  async read(place: Place, key: string): Promise<StoredResource | undefined> {
    const found = await this.readPath(this.path(place, key));
    return found?.deletedUntil === undefined ? found : undefined;
  }

  /** True where the resource was deleted and its name is still taken. */
  async isBeingDeleted(place: Place, key: string): Promise<boolean> {
    return (await this.readPath(this.path(place, key)))?.deletedUntil !== undefined;
  }

  /** Looks in all accounts and regions: for names that are unique in the whole of AWS. */
  async findAnywhere(type: string, key: string): Promise<StoredResource | undefined> {
    for (const accountId of await this.accounts()) {
      for (const region of await entries(join(this.directory, accountId))) {
        const found = await this.read({ accountId, region, type }, key);
        if (found) return found;
      }
    }
    return undefined;
  }

  async remove(resource: StoredResource): Promise<void> {
    await rm(this.path(resource, resource.key), { force: true });
  }

  /** All resources of a type whose key begins with `keyPrefix`. */
  async list(place: Place, keyPrefix = ''): Promise<StoredResource[]> {
    const folder = this.folder(place);
    const filePrefix = encodeURIComponent(keyPrefix).slice(0, READABLE_LENGTH);
    const names = (await entries(folder)).filter((name) => name.endsWith('.json') && name.startsWith(filePrefix));
    const resources = await Promise.all(names.map((name) => this.readPath(join(folder, name))));
    // A long key's file is named by its hash, so the key itself decides.
    return resources
      .filter((each) => each !== undefined)
      .filter((each) => each.deletedUntil === undefined && each.key.startsWith(keyPrefix));
  }

  /** Every resource of every account, in no particular order. */
  async everything(): Promise<StoredResource[]> {
    const accounts = await this.accounts();
    const files = await Promise.all(
      accounts.map(async (account) => {
        const folder = join(this.directory, account);
        const found = await readdir(folder, { recursive: true });
        return found.filter((file) => file.endsWith('.json')).map((file) => join(folder, file));
      }),
    );
    const resources = await Promise.all(files.flat().map((file) => this.readPath(file)));
    return resources.filter((each) => each !== undefined).filter((each) => each.deletedUntil === undefined);
  }

  /** The accounts that hold anything. */
  private async accounts(): Promise<string[]> {
    return (await entries(this.directory)).filter((name) => /^\d{12}$/.test(name));
  }

  private async readPath(path: string): Promise<StoredResource | undefined> {
    try {
      const content = await readIfThere(path);
      return content && settled(JSON.parse(content.toString('utf8')) as StoredResource, Date.now());
    } catch (error) {
      throw new Error(`The sandbox AWS cannot read ${path}: ${String(error)}`, { cause: error });
    }
  }

  private folder({ accountId, region, type }: Place): string {
    const [, module = '', name = ''] = type.split(':');
    return join(this.directory, accountId, region, module.split('/')[0] ?? module, name);
  }

  private path(place: Place, key: string): string {
    return join(this.folder(place), `${fileName(key)}.json`);
  }
}

const textOf = (resource: StoredResource): string => `${JSON.stringify(resource, undefined, 2)}\n`;

/** File systems take 255 bytes in a name; a longer key keeps a readable beginning and gets its hash. */
const LONGEST_NAME = 200;
const READABLE_LENGTH = 120;

function fileName(key: string): string {
  const encoded = encodeURIComponent(key).replaceAll('*', '%2A');
  if (encoded.length <= LONGEST_NAME) return encoded.startsWith('.') ? `%2E${encoded.slice(1)}` : encoded;
  return `${encoded.slice(0, READABLE_LENGTH)}~${createHash('sha256').update(key).digest('hex')}`;
}
