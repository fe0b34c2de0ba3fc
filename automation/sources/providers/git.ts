/** Any git remote: its newest commit, and a file as it was in one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitCommand } from './git-command.ts';
import { value } from './git-command.ts';
import type { ConfigSource } from '../source.ts';
import { CONFIG_FILE_BYTES, SourceUnavailable, isCommit } from '../source.ts';

/**
 * @returns the newest commit of a branch
 * @throws SourceUnavailable, also where there is no such branch
 */
export async function newestCommit(git: GitCommand, remote: string, branch: string): Promise<string> {
  const ref = `refs/heads/${branch}`;
  const output = await git.run(['ls-remote', '--', value(remote), ref], { remote });
  // Names that merely end like this one are listed too.
  const line = output
    .toString()
    .split('\n')
    .find((one) => one.split('\t')[1] === ref);
  const commit = line?.split('\t')[0];
  if (!isCommit(commit)) throw new SourceUnavailable(`${remote} has no branch ${branch}`);
  return commit;
}

export function gitSource(git: GitCommand): ConfigSource {
  return {
    isNewest: async ({ repository, branch }, revision) => (await newestCommit(git, repository, branch)) === revision,
    async read({ repository, path }, revision) {
      if (!isCommit(revision)) throw new Error(`"${revision}" is not a commit`);
      const cwd = await mkdtemp(join(tmpdir(), 'mlops-git-'));
      try {
        await git.run(['init', '--quiet', '--bare'], { cwd });
        await git.run(['fetch', '--quiet', '--depth=1', '--no-tags', '--', value(repository), revision], {
          remote: repository,
          cwd,
        });
        return await fileAt(git, cwd, revision, path);
      } finally {
        await rm(cwd, { recursive: true, force: true });
      }
    },
    caller: ({ repository }) => `git:${repository}`,
  };
}

/** Only a file: what a symbolic link points to is not looked for. */
async function fileAt(git: GitCommand, cwd: string, commit: string, path: string): Promise<Uint8Array | undefined> {
  const listed = await git.run(['ls-tree', '-z', '--long', commit, '--', path], { cwd });
  const [, blob, size] = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t/.exec(listed.toString()) ?? [];
  if (!blob) return undefined;
  if (Number(size) > CONFIG_FILE_BYTES) return new Uint8Array(CONFIG_FILE_BYTES + 1);
  return await git.run(['cat-file', 'blob', blob], { cwd });
}
