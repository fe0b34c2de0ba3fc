/** The environment of the child processes: the service's own, less what an operation has no business to know. */
import { environment } from '../config/process-environment.ts';
import { withoutServiceSecrets } from '../config/secret-values.ts';
import { preferInstalledCli } from '../engine/cli.ts';

export async function childEnvironment(): Promise<NodeJS.ProcessEnv> {
  const env = withoutServiceSecrets(environment());
  return { ...env, PATH: await preferInstalledCli(env.PATH ?? '') };
}
