/** The production engine: the Pulumi CLI. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { PulumiCommand } from '@pulumi/pulumi/automation/cmd.js';
import { awsCloud } from '../aws/aws.ts';
import { environment } from '../config/process-environment.ts';
import { withoutServiceSecrets } from '../config/secret-values.ts';
import type { CreatePublisher } from '../notifications/publisher.ts';
import { snsPublisher } from '../notifications/sns.ts';
import { knownCommand, parseVersion } from './command.ts';
import type { CreateCloud, CreateEngine, EngineSettings, FindVersion } from './engine.ts';

/**
 * Finds an installed CLI. The npm package of that name does not count: npm puts it in front of the PATH, and it downloads
 * the CLI on first use.
 * @param path the PATH to search
 * @returns the folder that holds `pulumi`; undefined where none of the PATH does.
 */
export async function findInstalledCli(path: string): Promise<string | undefined> {
  for (const folder of foldersOf(path)) {
    if (/node_modules[\\/]\.bin[\\/]?$|node_modules[\\/]@npmcli/.test(folder)) continue;
    const found = await access(join(folder, 'pulumi'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return undefined;
}

/**
 * Prefers an installed CLI to the npm package `pulumi`.
 * @param path the PATH to search
 * @returns the PATH with the folder of the installed CLI first, unchanged where only the npm package is there.
 */
export async function preferInstalledCli(path: string): Promise<string> {
  const folder = await findInstalledCli(path);
  return folder === undefined ? path : withFolderFirst(path, folder);
}

/** @returns the PATH with `folder` first, and only there. */
export function withFolderFirst(path: string, folder: string): string {
  return [folder, ...foldersOf(path).filter((other) => other !== folder)].join(delimiter);
}

function foldersOf(path: string): string[] {
  return path.split(delimiter).filter((folder) => folder !== '');
}

/** Environment variables that the engine adds to every command of the CLI. */
export const CLI_VARIABLES = { PULUMI_SKIP_UPDATE_CHECK: 'true' };

/**
 * In a `file://` backend, the CLI writes attributes beside each file, and not atomically: a kill at that moment leaves them
 * empty, and the state cannot be read any more ("failed to load checkpoint: EOF"). Nothing reads them.
 * @see https://pkg.go.dev/gocloud.dev/blob/fileblob#URLOpener
 */
export function withoutSidecars(backendUrl: string): string {
  if (!backendUrl.startsWith('file://') || /[?&]metadata=/.test(backendUrl)) return backendUrl;
  return `${backendUrl}${backendUrl.includes('?') ? '&' : '?'}metadata=skip`;
}

export const createCloud: CreateCloud = async () => awsCloud;

/** @throws where there is no CLI, or one older than the SDK needs; the message says which. */
export const createEngine: CreateEngine = async (settings) => ({
  kind: 'cli',
  command: await commandOf(settings),
  envVars: {
    ...CLI_VARIABLES,
    ...(settings.backendUrl ? { PULUMI_BACKEND_URL: withoutSidecars(settings.backendUrl) } : {}),
    ...settings.options,
  },
  cloud: awsCloud,
  close: async () => undefined,
});

/** Runs `pulumi version`: once per service, in its own process. */
export const findVersion: FindVersion = async ({ root }) => {
  const command = root === undefined ? 'pulumi' : join(root, 'bin', 'pulumi');
  const own = withoutServiceSecrets(environment());
  const env = { ...own, ...CLI_VARIABLES, PATH: await preferInstalledCli(own.PATH ?? '') };
  const { stdout } = await promisify(execFile)(command, ['version'], { env }).catch((error: Error) => {
    const remedy = 'Install it: https://www.pulumi.com/docs/iac/download-install/';
    throw new Error(`The Pulumi CLI could not be run (${error.message.trim()}). ${remedy}`, { cause: error });
  });
  return stdout.trim().replace(/^v/, '');
};

async function commandOf({ root, version }: EngineSettings): Promise<PulumiCommand> {
  const known = version === undefined ? undefined : parseVersion(version);
  return known ? knownCommand(known, root) : await PulumiCommand.get(root === undefined ? {} : { root });
}

/** In the service's own process. */
export const createPublisher: CreatePublisher = async () => snsPublisher();
