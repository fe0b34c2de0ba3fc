import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

/** Waits for a condition, looking again every few milliseconds. @throws after `withinMs`, naming the condition */
export async function until(
  condition: () => boolean | Promise<boolean>,
  name: string,
  withinMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail(`not within ${withinMs} ms: ${name}`);
    await delay(20);
  }
}
