/** The contents of the backend after an operation: the state with plaintext secrets, and the newest history entry. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Crypter } from '../../../../sandbox/engine/secrets.ts';
import type { StackState } from '../../../../sandbox/engine/state.ts';
import { decodeDeployment } from '../../../../sandbox/engine/state.ts';
import { masked, withoutTimes } from './observation.ts';

export const PROJECT = 'parity';
export const STACK = 'dev';

/** Differs by machine, by SDK and by how the CLI is run. */
const OF_THE_MACHINE = /^(pulumi\.(version|arch|os|env\..*)|exec\..*|git\..*|vcs\..*|ci\..*)$/;

/** @param unordered whether resources that depend on nothing may stand in any order */
export async function observeFiles(
  home: string,
  passphrase: string,
  unordered: boolean,
): Promise<{ state: unknown; history: unknown }> {
  return { state: await readState(home, passphrase, unordered), history: readHistory(home) };
}

async function readState(home: string, passphrase: string, unordered: boolean): Promise<unknown> {
  const file = join(home, '.pulumi', 'stacks', PROJECT, `${STACK}.json`);
  const { checkpoint } = JSON.parse(readFileSync(file, 'utf8')) as { checkpoint: { latest?: StackState } };
  if (checkpoint.latest === undefined) return null;
  const { manifest, secrets_providers: secrets, ...rest } = checkpoint.latest;
  const salt = secrets?.state?.salt;
  const crypter = salt === undefined ? undefined : await Crypter.open(salt, passphrase);
  const { resources = [], ...others } = decodeDeployment({ manifest, ...rest }, crypter);
  return masked(
    withoutTimes({
      ...others,
      manifest: Object.keys(manifest),
      secrets: secrets?.type,
      resources: (unordered ? resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)) : resources).map((resource) => ({
        ...resource,
        // A set on the way: its order means nothing.
        ...(resource.dependencies && { dependencies: resource.dependencies.toSorted() }),
        dated: [resource.created !== undefined, resource.modified !== undefined],
      })),
    }),
  );
}

function readHistory(home: string): unknown {
  const directory = join(home, '.pulumi', 'history', PROJECT, STACK);
  if (!existsSync(directory)) return null;
  const files = readdirSync(directory).filter((name) => name.endsWith('.history.json'));
  const newest = files.sort().at(-1);
  if (newest === undefined) return null;
  const entry = JSON.parse(readFileSync(join(directory, newest), 'utf8')) as Record<string, unknown>;
  const { kind, message, result, resourceChanges, environment = {} } = entry;
  return masked({
    entries: files.length,
    kind,
    message,
    result,
    resourceChanges: sorted(resourceChanges as object),
    environment: sorted(
      Object.fromEntries(Object.entries(environment as object).filter(([key]) => !OF_THE_MACHINE.test(key))),
    ),
  });
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
}
