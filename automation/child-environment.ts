/** The environment of the child processes: the service's own, less what an operation has no business to know. */
import { environment } from './config.ts';
import { preferInstalledCli } from './engine/cli.ts';

/** Only the service talks to the database and to its callers. */
const NOT_FOR_CHILDREN = new Set(['DATABASE_URL', 'GATEWAY_SECRET']);

export async function childEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env = Object.fromEntries(Object.entries(environment()).filter(([name]) => !NOT_FOR_CHILDREN.has(name)));
  return { ...env, PATH: await preferInstalledCli(env.PATH ?? '') };
}
