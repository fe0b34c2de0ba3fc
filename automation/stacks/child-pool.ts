/** Children kept ready: a stack operation starts in a process that has Pulumi and the blueprints imported already. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Semaphore } from 'es-toolkit/promise/semaphore';
import type { Logger } from 'pino';
import { endSession, killSession, processStart } from '../platform/process-identity.ts';
import { withSourceLines } from './bundle/source-lines.ts';
import type { FromChild } from './messages.ts';
import { removeWorkFolders } from './work-folder.ts';

export interface PooledChild {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly started: string;
  /**
   * Tells the child's dead-man's switch until when it may work.
   * @param deadline milliseconds of `monotonicMs`; undefined: without limit
   */
  readonly setDeadline: (deadline: number | undefined) => void;
  /** The last lines that the child printed, for the log when it fails. */
  readonly lastOutput: () => string;
}

/** Where an operation gets its process. */
export interface StackChildren {
  /**
   * A ready child; it is the caller's until it is released.
   * @param pipelineType of the operation
   */
  take(pipelineType: string): Promise<PooledChild>;
  /** Only then may the lease be given up: a successor takes an operation whose lease was given up for ended. */
  release(child: PooledChild): Promise<void>;
}

export interface ChildPoolSettings {
  /** Module that calls `serveOneOperation`; a function is asked whenever a child starts. */
  entry: URL | (() => Promise<URL>);
  /** How many to keep ready. */
  warm: number;
  /** Added to that of this process: how far operations give way to requests, and to everything else on the machine. */
  niceness: number;
  /** Environment of the children. */
  env: NodeJS.ProcessEnv;
  logger: Logger;
}

/** Enough for a stack trace; the output of a child is unbounded, so it is truncated. */
const OUTPUT_KEPT = 8 * 1024;
/** @see https://man7.org/linux/man-pages/man7/sched.7.html (the nice value) */
const LOWEST_PRIORITY = 19;
const SESSION_ATTEMPTS = 5;
const SESSION_RETRY_MS = 120;
/** A fork holds up the event loop, for 10 ms in a large process. Requests have three times as long before the next one. */
const FORK_PAUSE_FACTOR = 3;
const READY_TIMEOUT_MS = 60_000;
/** A killed process is gone at once, unless the kernel cannot interrupt it, such as on a network disk that does not answer. */
const EXIT_TIMEOUT_MS = 5_000;

export class ChildPool implements StackChildren {
  readonly #settings: ChildPoolSettings;
  readonly #idle: PooledChild[] = [];
  readonly #all = new Set<ChildProcess>();
  readonly #forks = new Semaphore(1);
  #starting = 0;
  #closed = false;

  constructor(settings: ChildPoolSettings) {
    this.#settings = settings;
  }

  /** Starts children until enough are ready. Called at the start; a release does so too. */
  refill(): void {
    for (let missing = this.#settings.warm - this.#idle.length - this.#starting; missing > 0; missing--) {
      this.#start()
        .then((child) => this.#park(child))
        .catch((error: unknown) => {
          if (!this.#closed) this.#settings.logger.error({ err: error }, 'a child process did not start');
        });
    }
  }

  async take(): Promise<PooledChild> {
    for (let child = this.#idle.shift(); child; child = this.#idle.shift()) {
      if (child.process.exitCode === null && child.process.connected) return child;
    }
    return await this.#start();
  }

  /** A child serves one operation: what its program left running goes with its session; its pipes are not waited for. */
  async release(child: PooledChild): Promise<void> {
    await endSession(child.pid, child.started);
    this.refill();
  }

  /** Kills all children and what they started, and waits until they have gone, and their folders with them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      Array.from(this.#all, async (child) => {
        killChild(child);
        if (!(await hasExited(child))) this.#settings.logger.warn({ pid: child.pid }, 'a child process did not end');
      }),
    );
  }

  #removeLeftovers({ pid }: ChildProcess): void {
    try {
      if (pid !== undefined) removeWorkFolders(pid);
    } catch (error) {
      this.#settings.logger.warn({ err: error, pid }, 'the folder of a child process could not be removed');
    }
  }

  #park(child: PooledChild): void {
    if (this.#closed) killChild(child.process);
    else this.#idle.push(child);
  }

  async #start(): Promise<PooledChild> {
    this.#starting++;
    try {
      const { entry: given } = this.#settings;
      const entry = given instanceof URL ? given : await given();
      const child = await this.#fork(entry);
      this.#all.add(child);
      lowerPriority(child.pid, this.#settings.niceness);
      child.once('exit', () => {
        this.#all.delete(child);
        this.#removeLeftovers(child);
      });
      const lastOutput = keepLast(child);
      await ready(child, lastOutput);
      const pid = child.pid ?? 0;
      return {
        process: child,
        pid,
        started: (await processStart(pid)) ?? '',
        setDeadline: lifeline(child),
        lastOutput,
      };
    } finally {
      this.#starting--;
    }
  }

  async #fork(entry: URL): Promise<ChildProcess> {
    await this.#forks.acquire();
    const begun = performance.now();
    try {
      if (this.#closed) throw new Error('The service is stopping.');
      return fork(entry, {
        // A separate session, so that everything it starts can be killed with it.
        detached: true,
        // The last one is the pipe of the dead-man's switch.
        stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
        env: this.#settings.env,
        execArgv: ['--disable-warning=ExperimentalWarning'],
      });
    } finally {
      setTimeout(() => this.#forks.release(), (performance.now() - begun) * FORK_PAUSE_FACTOR);
    }
  }
}

/**
 * What it starts inherits it. Where it is not allowed, requests are only answered more slowly while stacks are deployed. Outside
 * of containers, Linux usually shares the processor among sessions first, and a child is a session of its own: there, only the
 * priority of the session counts.
 * @see https://man7.org/linux/man-pages/man7/sched.7.html (the autogroup feature)
 */
function lowerPriority(pid: number | undefined, by: number): void {
  if (!pid) return;
  try {
    setPriority(pid, nicer(getPriority(), by));
  } catch {
    // The child has ended already, or a sandbox around this process forbids it.
  }
  void lowerSessionPriority(pid, by);
}

function nicer(niceness: number, by: number): number {
  return Math.min(niceness + by, LOWEST_PRIORITY);
}

async function lowerSessionPriority(pid: number, by: number): Promise<void> {
  for (let attempt = 1; attempt <= SESSION_ATTEMPTS; attempt++) {
    try {
      const own = / nice (-?\d+)/.exec(await readFile('/proc/self/autogroup', 'utf8'))?.[1];
      await writeFile(`/proc/${pid}/autogroup`, `${nicer(Number(own ?? 0), by)}\n`);
      return;
    } catch (error) {
      // Linux accepts one change in a tenth of a second from a process without privileges.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      await delay(SESSION_RETRY_MS * attempt, undefined, { ref: false });
    }
  }
}

/** SIGKILL for the child and everything that it started; what has gone already is fine. */
export function killChild(child: ChildProcess): void {
  if (child.pid) killSession(child.pid);
}

/** @returns whether it has, in time */
async function hasExited(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  return await once(child, 'exit', { signal: AbortSignal.timeout(EXIT_TIMEOUT_MS) }).then(
    () => true,
    () => false,
  );
}

function lifeline(child: ChildProcess): PooledChild['setDeadline'] {
  const pipe = child.stdio[4] as Writable | null | undefined;
  // A child that has exited reads nothing any more; its exit event reports that.
  pipe?.on('error', () => undefined);
  return (deadline) => void pipe?.write(`${deadline ?? '-'}\n`);
}

async function ready(child: ChildProcess, lastOutput: () => string): Promise<void> {
  const timeout = AbortSignal.timeout(READY_TIMEOUT_MS);
  try {
    const [first] = (await Promise.race([
      once(child, 'message', { signal: timeout }),
      once(child, 'exit').then(([code, signal]) => {
        throw new Error(`it ended with ${String(code ?? signal)} before it was ready: ${lastOutput()}`);
      }),
    ])) as [FromChild];
    if (first.type !== 'ready') throw new Error(`it said ${first.type} before it was ready`);
  } catch (error) {
    killChild(child);
    throw error;
  }
}

/** Drains the pipes for as long as the child lives (a full pipe would stop it) and remembers the end. */
function keepLast(child: ChildProcess): () => string {
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => (last = (last + text).slice(-OUTPUT_KEPT)));
  }
  return () => withSourceLines(last.trim());
}
