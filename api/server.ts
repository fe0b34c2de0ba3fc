/** The composition root of the service: automation, then the HTTP API on top; `stop` undoes it in reverse. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../automation/config/config.ts';
import type { StandIns } from '../automation/start.ts';
import { startAutomation } from '../automation/start.ts';
import { buildSchemas } from '../blueprints/request/warm-up.ts';
import { createApp } from './app.ts';
import { CONSOLE_FOLDER, builtConsole } from './console/built-console.ts';
import { listen } from './listen.ts';

export interface Service {
  /** Its address, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Later than the first requests of a client that waited for the start; and processes that end at once never do it. */
const SCHEMAS_AFTER_MS = 1_000;

/**
 * @param standIns for tests
 * @throws OrchestratorError `DATABASE_UNAVAILABLE`, or the socket's error where the port is taken
 */
export async function startService(config: Config, logger: Logger, standIns: StandIns = {}): Promise<Service> {
  const automation = await startAutomation(config, logger, standIns);
  try {
    const app = createApp({
      orchestrator: automation.orchestrator,
      webhooks: automation.webhooks,
      metrics: automation.metrics,
      requestCounts: automation.requestCounts,
      logger,
      settings: { ...config.http, ...config.blueprints, roles: config.roles, signIn: config.signIn },
      routes: config.role === 'worker' ? 'probes' : 'all',
    });
    const { host, port } = config.http;
    const listening = await listen(app, { host, port }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new Error(`Port ${port} on ${host} is already in use. Choose another: PORT=<number>`, { cause: error });
    });
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${listening.port}`;
    logger.info({ url, engine: config.engine.kind, role: config.role }, 'the service listens');
    if (config.role !== 'worker' && !(await builtConsole(CONSOLE_FOLDER))) {
      logger.info(
        'the web console is not built: "npm run console:build" builds it, and everything else works without it',
      );
    }
    const stopping = new AbortController();
    void delay(SCHEMAS_AFTER_MS, undefined, { ref: false, signal: stopping.signal })
      .then(() => buildSchemas(config.blueprints, stopping.signal))
      // Whatever it is, a request of that type meets it again.
      .catch((error: unknown) => logger.debug({ err: error }, 'the schemas of requests were not built ahead'));
    return {
      url,
      stop: async () => {
        stopping.abort();
        await listening.close();
        await automation.stop();
        logger.info('the service has stopped');
      },
    };
  } catch (error) {
    await automation.stop();
    throw error;
  }
}
