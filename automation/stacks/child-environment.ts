/** The environment of the child processes: the service's own, less what an operation has no business to know. */
import { environment } from '../config/config.ts';
import { preferInstalledCli } from '../engine/cli.ts';
import { SOURCE_SECRETS } from '../config/source-settings.ts';

/** Only the service talks to the database, to its callers and to the places that configuration comes from. */
const NOT_FOR_CHILDREN: ReadonlySet<string> = new Set(['DATABASE_URL', 'GATEWAY_SECRET', ...SOURCE_SECRETS]);

/** What libpq and its like read: host, user, password of a database. */
const POSTGRESQL = /^PG[A-Z]+$/;

export async function childEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env = Object.fromEntries(
    Object.entries(environment()).filter(([name]) => !NOT_FOR_CHILDREN.has(name) && !POSTGRESQL.test(name)),
  );
  return { ...env, PATH: await preferInstalledCli(env.PATH ?? '') };
}
