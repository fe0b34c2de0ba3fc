import { randomUUID } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError, STACK_NOT_FOUND_EXIT_CODE } from './cli-error.ts';
import type { StackState } from './state.ts';

/** A stack of a project: the file back end knows one organization only. */
export interface StackId {
  project: string;
  stack: string;
}

interface CheckpointFile {
  version: 3;
  checkpoint: { stack: string; latest?: StackState };
}

/** The files of a `file://` back end. @see https://www.pulumi.com/docs/iac/concepts/state-and-backends/#local-filesystem */
export class Backend {
  readonly url: string;
  /** The `.pulumi` directory. */
  readonly root: string;

  private constructor(url: string, root: string) {
    this.url = url;
    this.root = root;
  }

  /** @throws CliError for any URL but `file://DIR` */
  static open(url: string | undefined): Backend {
    if (url === undefined || !url.startsWith('file://')) {
      throw new CliError(
        `the sandbox engine keeps its state in files: set PULUMI_BACKEND_URL to file://<directory>, not '${url ?? ''}'`,
      );
    }
    const directory = /^file:\/\/[^/]/.test(url)
      ? url.slice('file://'.length)
      : fileURLToPath(url.split('?')[0] ?? url);
    const backend = new Backend(url, join(directory, '.pulumi'));
    const meta = join(backend.root, 'meta.yaml');
    if (!existsSync(meta)) {
      writeAtomically(meta, 'version: 1\n');
    }
    return backend;
  }

  stackFile(id: StackId): string {
    return join(this.root, 'stacks', id.project, `${id.stack}.json`);
  }

  historyDirectory(id: StackId): string {
    return join(this.root, 'history', id.project, id.stack);
  }

  lockDirectory(id: StackId): string {
    return join(this.root, 'locks', 'organization', id.project, id.stack);
  }

  tagsFile(id: StackId): string {
    return join(this.root, 'stacks', id.project, `${id.stack}.pulumi-tags`);
  }

  exists(id: StackId): boolean {
    return existsSync(this.stackFile(id));
  }

  /** @throws CliError with the text and exit code by which the Automation API recognizes it */
  mustExist(id: StackId): void {
    if (!this.exists(id)) {
      throw new CliError(`no stack named '${id.stack}' found`, { exitCode: STACK_NOT_FOUND_EXIT_CODE });
    }
  }

  /** @returns what was last written, secrets encrypted; undefined for a stack that was never updated */
  read(id: StackId): StackState | undefined {
    this.mustExist(id);
    const file = this.stackFile(id);
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as CheckpointFile).checkpoint.latest;
    } catch (error) {
      throw new CliError(`could not read the state of stack '${id.stack}' in ${file}: ${String(error)}`, {
        cause: error,
      });
    }
  }

  /** Replaces a stack's checkpoint in one go, keeping the one before as `.bak`. */
  write(id: StackId, deployment: StackState | undefined): void {
    const file = this.stackFile(id);
    if (existsSync(file)) {
      keepAs(`${file}.bak`, file);
    }
    writeAtomically(file, this.checkpointText(id, deployment));
  }

  /** Keeps the state of the end of an update beside its history entry. */
  checkpointText(id: StackId, deployment: StackState | undefined): string {
    const content: CheckpointFile = {
      version: 3,
      checkpoint: { stack: `organization/${id.project}/${id.stack}`, ...(deployment && { latest: deployment }) },
    };
    return JSON.stringify(content);
  }

  backup(id: StackId): void {
    const nanoseconds = `${Date.now()}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, '0')}`;
    const name = `${id.stack}.${nanoseconds}.json`;
    writeAtomically(join(this.root, 'backups', id.project, id.stack, name), readFileSync(this.stackFile(id)));
  }

  /** Removes a stack's state, tags and history; backups stay, as with the CLI. */
  remove(id: StackId): void {
    renameSync(this.stackFile(id), `${this.stackFile(id)}.bak`);
    rmSync(this.tagsFile(id), { force: true });
    rmSync(this.historyDirectory(id), { recursive: true, force: true });
  }

  /** @param project only stacks of this one; all when absent */
  list(project?: string): Array<StackId & { lastUpdate: Date }> {
    const directory = join(this.root, 'stacks');
    return entries(directory)
      .filter((name) => project === undefined || name === project)
      .flatMap((owner) =>
        entries(join(directory, owner))
          .filter((name) => name.endsWith('.json'))
          .map((name) => ({
            project: owner,
            stack: name.slice(0, -'.json'.length),
            lastUpdate: statSync(join(directory, owner, name)).mtime,
          })),
      );
  }

  readTags(id: StackId): Record<string, string> {
    const file = this.tagsFile(id);
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { tags: Record<string, string> }).tags : {};
  }

  writeTags(id: StackId, tags: Record<string, string>): void {
    writeAtomically(this.tagsFile(id), JSON.stringify({ version: 1, tags }));
  }

  /** The stack that `stack select` chose in a work directory. */
  selected(project: string, directory: string): string | undefined {
    const file = this.#selectionFile(project, directory);
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  select(id: StackId | undefined, project: string, directory: string): void {
    const file = this.#selectionFile(project, directory);
    if (id === undefined) {
      rmSync(file, { force: true });
    } else {
      writeAtomically(file, id.stack);
    }
  }

  #selectionFile(project: string, directory: string): string {
    const key = createHash('sha256').update(directory).digest('hex').slice(0, 16);
    return join(this.root, 'workspaces', `${project}-${key}`);
  }
}

/** A reader sees the old content or the new, never a part of it, even if the writer is killed. */
export function writeAtomically(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

/** A second name for what a file holds now; it will be replaced, never changed. Some file systems have no such names. */
function keepAs(name: string, file: string): void {
  const temporary = `${name}.${randomUUID()}.tmp`;
  try {
    linkSync(file, temporary);
  } catch {
    copyFileSync(file, temporary);
  }
  renameSync(temporary, name);
}

export function entries(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}
