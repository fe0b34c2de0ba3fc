import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** For machines that have other things to do as well; default 1. The time-outs of mocha follow it too (run-hooks.ts). */
export const TIMEOUT_SCALE = Number(process.env.TEST_TIMEOUT_SCALE || 1);

/**
 * Waits for a condition, looking again every few milliseconds.
 * @param withinMs multiplied by `TEST_TIMEOUT_SCALE`
 * @throws after that, naming the condition
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  name: string,
  withinMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + withinMs * TIMEOUT_SCALE;
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail(`not within ${withinMs * TIMEOUT_SCALE} ms: ${name}`);
    await delay(20);
  }
}
