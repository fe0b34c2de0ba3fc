/**
 * The child's dead-man's switch: ends the whole operation (this process, the CLI, the providers) as soon as the service no
 * longer confirms that it holds the lease. It runs in a separate thread with a separate pipe, so that a program that blocks
 * the main thread cannot delay it.
 */
import { Worker } from 'node:worker_threads';
import { SWITCH_THREAD } from './thread-entry.ts';

/** The child's end of the pipe on which the service writes deadlines: the first descriptor after stdio and IPC. */
export const LIFELINE_FD = 4;

/** Starts the thread. It never keeps the process from ending. */
export function armDeadMansSwitch(): void {
  const thread = new Worker(SWITCH_THREAD, {
    workerData: { fd: LIFELINE_FD, leader: process.pid },
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  thread.unref();
}
