/** `npm run sandbox [-- --engine auto|real|simulated]`: the embedded default, until Ctrl-C or SIGTERM. */
import { parseArgs } from 'node:util';
import { buildConsole } from './console.ts';
import { startSandbox } from './start.ts';
import { environment } from '../automation/config/config.ts';
import { secretMask, secretValues } from '../automation/config/secret-values.ts';
import { stopOnSignals } from '../api/stop-on-signals.ts';

const EXAMPLE = {
  pipeline_type: 'byom_realtime_builtin',
  model_framework: 'xgboost',
  model_framework_version: '1',
  model_name: 'my-model',
  model_artifact_location: 'models/my-model/model.tar.gz',
  data_capture_location: 'my-bucket/datacapture',
  inference_instance: 'ml.m5.large',
};

/** Stops what runs beside the service. */
const leaving = new AbortController();

try {
  const { engine } = parseArgs({ options: { engine: { type: 'string' } } }).values;
  const building = buildConsole(leaving.signal);
  const sandbox = await startSandbox({ ...environment(), ...(engine ? { SANDBOX_ENGINE: engine } : {}) });
  process.stdout.write(`MLOps Workload Orchestrator: sandbox
  address  ${sandbox.url}
  console  ${sandbox.url}/console/
  engine   ${sandbox.engine}
  home     ${sandbox.home} (log: ${sandbox.logFile})

Paste this to provision a real-time inference pipeline:

  curl -s ${sandbox.url}/provisionpipeline -H 'Content-Type: application/json' -d '${JSON.stringify(EXAMPLE)}'

Or use the command line:

  npx mlops --help
  npx mlops list --url ${sandbox.url}

Ctrl-C stops everything.
`);
  stopOnSignals(async () => {
    process.stdout.write('stopping …\n');
    leaving.abort();
    await sandbox.stop();
  });
  const problem = await building;
  if (problem) process.stderr.write(`${problem}\n`);
} catch (error) {
  leaving.abort();
  process.stderr.write(`${secretMask(secretValues(environment()))((error as Error).message)}\n`);
  process.exitCode = 1;
}
