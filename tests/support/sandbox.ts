/** A sandbox for specs of what the service does, rather than of its processes: a home, a database and a client with it. */
import type { Sandbox, SandboxStandIns } from '../../sandbox/start.ts';
import { startSandbox } from '../../sandbox/start.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { createDatabase } from './database.ts';
import { reusedChildren } from './reused-children.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface TestSandbox extends Sandbox {
  readonly client: OrchestratorClient;
}

/**
 * Starts it on a free port, where nothing takes time.
 * @param env laid over that; with a `SANDBOX_HOME` of the caller's, the folder is the caller's to remove
 * @param standIns laid over reused children; with a `databaseUrl`, the database is the caller's to drop
 */
export async function startTestSandbox(
  env: Record<string, string> = {},
  standIns: SandboxStandIns = {},
): Promise<TestSandbox> {
  const folder = env.SANDBOX_HOME === undefined ? await temporaryFolder() : undefined;
  const database = standIns.databaseUrl === undefined ? await createDatabase() : undefined;
  const remove = async () => {
    await database?.drop();
    await folder?.remove();
  };
  try {
    const sandbox = await startSandbox(
      { ...process.env, SANDBOX_HOME: folder?.path, PORT: '0', SANDBOX_SPEED: '0', ...env },
      { databaseUrl: database?.url, runner: reusedChildren, ...standIns },
    );
    const stop = async () => {
      await sandbox.stop();
      await remove();
    };
    return { ...sandbox, client: new OrchestratorClient(sandbox.url), stop };
  } catch (error) {
    await remove();
    throw error;
  }
}
