/** Runs the code of a (simulated) Lambda function for real, with its AWS calls going to the local endpoint. */
import { fork } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Assignment, FunctionError, Report } from './lambda-bootstrap.ts';
import { cancelled } from './waiting.ts';

const BOOTSTRAP = new URL('./lambda-bootstrap.ts', import.meta.url);

export interface Run extends Assignment {
  functionName: string;
  /** The function's own variables. */
  variables: Readonly<Record<string, string>>;
  region: string;
  /** Where all AWS calls go. */
  endpoint: string;
  timeoutSeconds: number;
  /** What the function prints goes to `<function name>.log` in here. */
  logDirectory: string;
  signal: AbortSignal;
}

/** The function threw, or was not done in time. */
export class FunctionFailed extends Error {
  readonly payload: FunctionError;

  constructor(payload: FunctionError) {
    super(payload.errorMessage);
    this.name = 'FunctionFailed';
    this.payload = payload;
  }
}

/**
 * @returns what the handler returned
 * @throws FunctionFailed, or the cancellation of `signal`
 */
export async function runFunction(run: Run): Promise<unknown> {
  await mkdir(run.logDirectory, { recursive: true });
  const child = fork(BOOTSTRAP, {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {
      ...run.variables,
      AWS_REGION: run.region,
      AWS_LAMBDA_FUNCTION_NAME: run.functionName,
      AWS_ACCESS_KEY_ID: 'sandbox',
      AWS_SECRET_ACCESS_KEY: 'sandbox',
      AWS_SESSION_TOKEN: 'sandbox',
      AWS_ENDPOINT_URL: run.endpoint,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(join(run.logDirectory, `${run.functionName}.log`), { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  try {
    const report = await new Promise<Report>((resolve, reject) => {
      const timer = setTimeout(() => {
        const errorMessage = `Task timed out after ${run.timeoutSeconds.toFixed(2)} seconds`;
        resolve({ error: { errorType: 'Sandbox.Timedout', errorMessage, trace: [] } });
      }, run.timeoutSeconds * 1_000);
      run.signal.addEventListener('abort', () => reject(cancelled()), { once: true });
      child.once('message', (message) => resolve(message as Report));
      child.once('error', reject);
      child.once('exit', (code) => {
        clearTimeout(timer);
        const errorMessage = `Runtime exited with error: exit status ${code ?? 1}`;
        resolve({ error: { errorType: 'Runtime.ExitError', errorMessage, trace: [] } });
      });
      child.send({ codeDirectory: run.codeDirectory, handler: run.handler, payload: run.payload });
    });
    if ('error' in report) throw new FunctionFailed(report.error);
    return report.result;
  } finally {
    child.kill('SIGKILL');
    log.end();
  }
}
