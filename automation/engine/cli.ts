/** The production engine: the Pulumi CLI. */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import { awsCloud } from '../aws/aws.ts';
import type { CreatePublisher } from '../notifications/publisher.ts';
import { snsPublisher } from '../notifications/sns.ts';
import type { CreateCloud, CreateEngine } from './engine.ts';

/**
 * Finds the CLI: any `pulumi` of the machine goes before the npm package of that name (which fetches the CLI on first
 * use, and which npm puts in front of the PATH).
 * @param path the PATH to search
 * @returns the PATH with the folder of the found CLI in front, unchanged where only the npm package is there.
 */
export async function preferInstalledCli(path: string): Promise<string> {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    if (/node_modules[\\/]\.bin[\\/]?$|node_modules[\\/]@npmcli/.test(folder)) continue;
    const found = await access(join(folder, 'pulumi'), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return [folder, ...folders.filter((other) => other !== folder)].join(delimiter);
  }
  return path;
}

/** Environment variables that the engine adds to every command of the CLI. */
export const CLI_VARIABLES = { PULUMI_SKIP_UPDATE_CHECK: 'true' };

export const createCloud: CreateCloud = async () => awsCloud;

/** @throws where there is no CLI, or one older than the SDK needs; the message says which. */
export const createEngine: CreateEngine = async (settings) => ({
  kind: 'cli',
  command: await PulumiCommand.get(),
  envVars: {
    ...CLI_VARIABLES,
    ...(settings.backendUrl ? { PULUMI_BACKEND_URL: settings.backendUrl } : {}),
    ...settings.options,
  },
  cloud: awsCloud,
  close: async () => undefined,
});

/** In the service's own process. */
export const createPublisher: CreatePublisher = async () => snsPublisher();
