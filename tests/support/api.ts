/** The API over a `FakeOrchestrator`, listening on a free loopback port where a test needs a real socket. */
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import type { Express } from 'express';
import { pino } from 'pino';
import { createApp } from '../../api/app.ts';
import { listen, type Listening } from '../../api/listen.ts';
import type { ApiSettings } from '../../api/settings.ts';
import { OrchestratorError } from '../../automation/errors.ts';
import type { RequestCounts } from '../../automation/platform/request-counts.ts';
import type { WebhookReceiver } from '../../automation/sources/inbound/webhook-receiver.ts';
import { FakeOrchestrator } from './fake-orchestrator.ts';

/** A body that the fake takes. */
export const REQUEST = { pipeline_type: 'byom_realtime_builtin', model_name: 'My-Model', model_framework: 'xgboost' };

export const PIPELINE_ID = 'mlops-pipeline-my-model-byompipelinerealtimebuiltin';

export interface TestApi {
  readonly app: Express;
  readonly orchestrator: FakeOrchestrator;
  /** Lines of the log so far. */
  readonly log: string[];
}

/** As in an installation without webhooks. */
const NO_WEBHOOKS: WebhookReceiver = {
  async receive(provider) {
    throw new OrchestratorError('WEBHOOK_NOT_SET_UP', `${provider} webhooks are not configured.`);
  },
};

/** As where the console was never built. */
const NO_CONSOLE = '/nonexistent';

export function testApi(
  settings: Partial<ApiSettings> = {},
  webhooks: WebhookReceiver = NO_WEBHOOKS,
  requestCounts?: RequestCounts,
  consoleFolder = NO_CONSOLE,
  fetchKeys?: typeof fetch,
): TestApi {
  const orchestrator = new FakeOrchestrator();
  const log: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString());
      done();
    },
  });
  const app = createApp({
    orchestrator,
    webhooks,
    ...(requestCounts ? { requestCounts } : {}),
    logger: pino({ level: 'trace' }, destination),
    settings: {
      gatewaySecret: '',
      roles: { viewer: [], provisioner: [], approver: [], admin: [] },
      rateLimitPerMinute: 0,
      allowDetailedErrorMessage: true,
      useModelRegistry: false,
      multiAccount: false,
      ...settings,
    },
    consoleFolder,
    ...(fetchKeys ? { fetchKeys } : {}),
  });
  return { app, orchestrator, log };
}

/** Runs `test` against the app on a real socket, and closes it whatever happens. */
export async function listening<T>(app: Express, test: (server: Listening) => Promise<T>): Promise<T> {
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  try {
    return await test(server);
  } finally {
    await server.close();
  }
}

/**
 * Sends bytes as they are and gives back all that was answered until the server closed the connection.
 * @param options `hangUp`: nothing more will be sent; default: the connection stays open on our side.
 * @throws if nothing closes it within 5 s
 */
export function exchange(port: number, bytes: string | Buffer, options: { hangUp?: boolean } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const answered = () => Buffer.concat(chunks).toString('latin1');
    socket.setTimeout(5_000, () => {
      socket.destroy();
      reject(new Error(`the connection stayed open; so far: ${answered()}`));
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that refuses may cut the connection while we still send; what it had said counts.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answered()));
    socket.write(bytes);
    if (options.hangUp) socket.end();
  });
}

/** Waits for a condition that the test does not control, with a deadline. */
export async function eventually(condition: () => boolean, what: string, deadlineMs = 5_000): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
