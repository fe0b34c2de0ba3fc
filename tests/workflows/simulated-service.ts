/** The service in this process, with a real database, simulated stacks and a clock that tests set forward. */
import pg from 'pg';
import pino from 'pino';
import { startService } from '../../api/server.ts';
import type { Execution } from '../../automation/model.ts';
import type { StandIns } from '../../automation/start.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { until } from '../support/until.ts';
import type { Answer } from './callers.ts';
import { callAs } from './callers.ts';
import { simulatedConfig } from './simulated-settings.ts';
import { StackSimulation } from './stack-simulation.ts';

export interface SimulatedService {
  readonly stacks: StackSimulation;
  readonly database: pg.Pool;
  readonly url: string;
  call<T = Record<string, unknown>>(
    caller: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer<T>>;
  /** Waits until an execution has ended or waits for approval. */
  settled(executionId: string): Promise<Execution>;
  /** Sets the clock forward. */
  advance(seconds: number): void;
  stop(): Promise<void>;
}

export interface SimulationOptions extends Pick<StandIns, 'restMs'> {
  /** One that others use as well; default: a new one, which is dropped in the end. */
  database?: TestDatabase;
}

/** @param env laid over the usual settings (simulated-settings.ts) */
export async function startSimulatedService(
  env: Record<string, string> = {},
  { database: shared, restMs }: SimulationOptions = {},
): Promise<SimulatedService> {
  const own = shared ?? (await createDatabase());
  const stacks = new StackSimulation();
  let ahead = 0;
  const service = await startService(simulatedConfig(own.url, env), pino({ level: 'silent' }), {
    runner: stacks,
    clock: () => new Date(Date.now() + ahead),
    restMs,
  });
  const database = new pg.Pool({ connectionString: own.url, max: 2 });
  // Closing the pool does not wait for its connections, and dropping the database ends those with an error.
  database.on('error', () => undefined);
  const { url } = service;
  return {
    stacks,
    database,
    url,
    call: (caller, method, path, body) => callAs(url, caller, method, path, body),
    settled: async (executionId) => {
      let execution: Execution | undefined;
      await until(
        async () => {
          const answer = await callAs<Execution>(url, 'tester', 'GET', `/executions/${executionId}`);
          // On a busy machine a query may run into its limit, and the answer is 503.
          if (answer.status !== 200) return false;
          execution = answer.body;
          return execution.status !== 'Queued' && execution.status !== 'InProgress';
        },
        `execution ${executionId} has ended or waits`,
        60_000,
      );
      if (!execution) throw new Error(`there is no execution ${executionId}`);
      return execution;
    },
    advance: (seconds) => void (ahead += seconds * 1_000),
    stop: async () => {
      await service.stop();
      await database.end();
      if (!shared) await own.drop();
    },
  };
}
