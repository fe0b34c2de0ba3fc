/** A service over simulated stacks that can be killed with SIGKILL and started again, while several stories use it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { bundledProgram } from '../support/service-process.ts';
import type { Answer } from './callers.ts';
import { callAs } from './callers.ts';
import type { FromService, ToService } from './sequence-service.ts';
import { StackSimulation } from './stack-simulation.ts';

/** Calls within this time are answered together. */
const LOOK_MS = 20;

export class CrashingService {
  readonly stacks = new StackSimulation();
  readonly database: pg.Pool;
  /** How long each start after a crash took until the service listened, in milliseconds. */
  readonly restarts: number[] = [];
  readonly #program: URL;
  readonly #own: TestDatabase;
  readonly #gate = new Gate();
  #current: ChildProcess | undefined;
  /** Started ahead of time: loading the modules is most of a start. */
  #spare: ChildProcess;
  #url = '';
  #aheadMs = 0;
  #restarting: Promise<void> | undefined;
  #underWay: Promise<ReadonlySet<string>> | undefined;

  private constructor(program: URL, own: TestDatabase) {
    this.#program = program;
    this.#own = own;
    this.database = new pg.Pool({ connectionString: own.url, max: 8 });
    // Closing the pool does not wait for its connections, and dropping the database ends those with an error.
    this.database.on('error', () => undefined);
    this.#spare = this.#fork();
  }

  static async start(): Promise<CrashingService> {
    const service = new CrashingService(await bundledProgram('sequences'), await createDatabase());
    await service.#begin();
    return service;
  }

  /** What time it is for the service. */
  now(): Date {
    return new Date(Date.now() + this.#aheadMs);
  }

  async call<T = Record<string, unknown>>(
    caller: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Answer<T>> {
    return await this.#gate.shared(() => callAs<T>(this.#url, caller, method, path, body));
  }

  /**
   * Pipelines with executions that neither have ended nor wait for people. Asked once for all who want to know at the same
   * time: many stories wait, and the database has other things to do.
   */
  async underWay(): Promise<ReadonlySet<string>> {
    this.#underWay ??= (async () => {
      await delay(LOOK_MS);
      // Who asks from now on may have changed something that this look misses.
      this.#underWay = undefined;
      const { rows } = await this.database.query<{ pipeline_id: string }>(
        `SELECT DISTINCT pipeline_id FROM mlops.executions WHERE status IN ('Queued', 'InProgress')`,
      );
      return new Set(rows.map((row) => row.pipeline_id));
    })();
    return await this.#underWay;
  }

  /** Sets the clock forward, between two calls. */
  async advance(seconds: number): Promise<void> {
    await this.#gate.exclusive(async () => {
      this.#aheadMs += seconds * 1_000;
      if (this.#current) send(this.#current, { type: 'clock', aheadMs: this.#aheadMs });
    });
  }

  /**
   * SIGKILL, and another process in its place. No call is in progress except the given one, whose outcome will be unknown.
   * Crashes requested during a crash become one.
   * @param dying calls made just before
   */
  async crash(dying?: (url: string) => Promise<unknown>): Promise<void> {
    if (this.#restarting && !dying) return await this.#restarting;
    const restart = this.#gate.exclusive(async () => {
      const begun = performance.now();
      if (dying) {
        const answered = dying(this.#url).catch(() => undefined);
        // Anywhere between the arrival of the call and its answer.
        await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, Math.random() * 15))]);
      }
      await kill(this.#current);
      this.stacks.crash();
      await this.#begin();
      this.restarts.push(performance.now() - begun);
    });
    this.#restarting = restart;
    try {
      await restart;
    } finally {
      if (this.#restarting === restart) this.#restarting = undefined;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([kill(this.#current), kill(this.#spare)]);
    await this.database.end();
    await this.#own.drop();
  }

  async #begin(): Promise<void> {
    const child = this.#spare;
    this.#spare = this.#fork();
    this.#current = child;
    const listening = messageFrom(child, 'listening');
    await loaded.get(child);
    send(child, { type: 'start', aheadMs: this.#aheadMs });
    this.#url = (await listening).url;
  }

  #fork(): ChildProcess {
    const child = fork(this.#program, {
      env: { ...process.env, DATABASE_URL: this.#own.url },
      execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=DeprecationWarning'],
    });
    loaded.set(child, messageFrom(child, 'loaded'));
    const cancels = new Map<number, AbortController>();
    child.on('message', (message: FromService) => {
      if (message.type === 'cancel') cancels.get(message.id)?.abort(message.by);
      // Messages of a killed process may still arrive: after a crash there would be no process to handle them.
      if (message.type !== 'run' || child.killed) return;
      const cancel = new AbortController();
      cancels.set(message.id, cancel);
      void this.stacks.run(message.operation, { cancel: cancel.signal }).then((result) => {
        send(child, { type: 'result', id: message.id, result });
      });
    });
    return child;
  }
}

const loaded = new WeakMap<ChildProcess, Promise<unknown>>();

function send(child: ChildProcess, message: ToService): void {
  // A killed process receives nothing any more.
  if (child.connected) child.send(message, () => undefined);
}

async function messageFrom<T extends FromService['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<FromService, { type: T }>> {
  const { promise, resolve, reject } = Promise.withResolvers<Extract<FromService, { type: T }>>();
  child.on('message', (message: FromService) => {
    if (message.type === type) resolve(message as Extract<FromService, { type: T }>);
  });
  child.once('exit', (code, signal) => reject(new Error(`the service ended with ${String(code ?? signal)}`)));
  promise.catch(() => undefined);
  return await promise;
}

async function kill(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** Many calls at a time, or one crash; who wants the latter goes first. */
class Gate {
  #calls = 0;
  #crash: Promise<unknown> = Promise.resolve();
  #crashes = 0;
  #idle: (() => void)[] = [];

  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#crashes > 0) await this.#crash.catch(() => undefined);
    this.#calls++;
    try {
      return await work();
    } finally {
      if (--this.#calls === 0) for (const wake of this.#idle.splice(0)) wake();
    }
  }

  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    this.#crashes++;
    const before = this.#crash;
    const mine = (async () => {
      await before.catch(() => undefined);
      if (this.#calls > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
      return await work();
    })();
    this.#crash = mine;
    try {
      return await mine;
    } finally {
      this.#crashes--;
    }
  }
}
