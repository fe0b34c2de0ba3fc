/** The environment of the child processes: the service's own, less what an operation has no business to know. */
import { environment } from './config.ts';
import { preferInstalledCli } from './engine/cli.ts';

/** Only the service talks to the database and to its callers. */
const NOT_FOR_CHILDREN = ['DATABASE_URL', 'GATEWAY_SECRET'];

export async function childEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env = environment();
  for (const name of NOT_FOR_CHILDREN) delete env[name];
  return { ...env, PATH: await preferInstalledCli(env.PATH ?? '') };
}
