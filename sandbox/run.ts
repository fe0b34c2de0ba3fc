/**
 * `mlops sandbox` (`npm run sandbox`): the embedded default, until Ctrl-C. It says what it starts before it loads anything,
 * and leaves nothing running whenever it is interrupted.
 */
import { keepCompiledCode } from '../automation/stacks/bundle/compiled-code.ts';
import { interruptible } from './interruptible.ts';
import type { Sandbox } from './start.ts';

const EXAMPLE = {
  pipeline_type: 'byom_realtime_builtin',
  model_framework: 'xgboost',
  model_framework_version: '1',
  model_name: 'my-model',
  model_artifact_location: 'models/my-model/model.tar.gz',
  data_capture_location: 'my-bucket/datacapture',
  inference_instance: 'ml.m5.large',
};

/**
 * Ends the process with the exit code of the signal that ends the sandbox.
 * @param settings laid over the environment variables of docs/sandbox.md
 * @param withConsole whether the web console is built, unless it is there
 * @throws what `startSandbox` throws, without secrets
 */
export async function runSandbox(settings: NodeJS.ProcessEnv, withConsole: boolean): Promise<void> {
  await interruptible(async (signal) => {
    say('Starting the sandbox: PostgreSQL, the service, a Pulumi engine and a simulated AWS …');
    // Loading them takes longer than a person waits for a sign of life.
    const [{ startSandbox }, { buildConsole }, { environment }] = await Promise.all([
      import('./start.ts'),
      import('./console.ts'),
      import('../automation/config/process-environment.ts'),
    ]);
    signal.throwIfAborted();
    const leaving = new AbortController();
    const building = withConsole ? buildConsole(AbortSignal.any([signal, leaving.signal])) : Promise.resolve(undefined);
    const env = { ...environment(), ...settings };
    try {
      const sandbox = await startSandbox(env, { signal, progress: (step) => say(`  ${step} …`) });
      say(welcome(sandbox));
      keepCompiledCode('started');
      void building.then((problem) => void (problem && process.stderr.write(`${problem}\n`)));
      await aborted(signal);
      say('stopping …');
      await sandbox.stop();
    } catch (error) {
      if (error instanceof Error && error !== signal.reason) await maskSecrets(error, env);
      throw error;
    } finally {
      leaving.abort();
      await building;
    }
  });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The errors of libraries are not ours to word. */
async function maskSecrets(error: Error, env: NodeJS.ProcessEnv): Promise<void> {
  const { secretMask, secretValues } = await import('../automation/config/secret-values.ts');
  error.message = secretMask(secretValues(env))(error.message);
}

function welcome({ url, engine, home, logFile, dropFolders }: Sandbox): string {
  const buckets = dropFolders.map((folder) => `\n  bucket   ${folder} (put a mlops-config.json there to provision it)`);
  return `MLOps Workload Orchestrator: sandbox
  address  ${url}
  console  ${url}/console/
  engine   ${engine}
  home     ${home} (log: ${logFile})${buckets.join('')}

Paste this to provision a real-time inference pipeline:

  curl -s ${url}/provisionpipeline -H 'Content-Type: application/json' -d '${JSON.stringify(EXAMPLE)}'

Or use the command line:

  npx mlops --help
  npx mlops list --url ${url}

Ctrl-C stops everything.
`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
}
