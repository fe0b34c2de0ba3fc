/** Waiting with a time limit, for answers that are useless when they are late. */
import { setTimeout as delay } from 'node:timers/promises';

/**
 * @param what did not answer, for the error
 * @throws Error if `answer` takes longer; it is not awaited any further, and its own error is ignored
 */
export async function within<T>(ms: number, what: string, answer: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = delay(ms, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`${what} did not answer within ${ms} ms.`);
  });
  late.catch(() => undefined);
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    abort.abort();
  }
}
