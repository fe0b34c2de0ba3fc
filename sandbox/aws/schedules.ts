/** Monitoring schedules, described and stopped without Pulumi. */
import { refuse } from './aws-errors.ts';
import { record } from './journal.ts';
import type { Scope } from './partitions.ts';
import { SCHEDULE } from './services/sagemaker.ts';
import type { Store, StoredResource } from './store.ts';
import { placeOf } from './store.ts';

/** Seconds that a schedule is on its way, at speed 1. */
const STOP_SECONDS = 0.3;

/** @returns undefined where there is no such schedule */
export async function scheduleStatus(store: Store, scope: Scope, name: string): Promise<string | undefined> {
  const found = await store.read(placeOf({ token: SCHEDULE }, scope), name);
  if (!found) return undefined;
  if (found.transition) return 'Pending';
  return found.status === STOPPED ? STOPPED : 'Scheduled';
}

const STOPPED = 'Stopped';

/** What SageMaker's StopMonitoringSchedule does. @throws AwsRefusal for one that is on its way */
export async function stopSchedule(store: Store, scope: Scope, name: string, speed: number): Promise<void> {
  const found = await store.read(placeOf({ token: SCHEDULE }, scope), name);
  if (!found) return;
  if (found.transition) refuse('ValidationException', `Cannot stop monitoring schedule "${name}" while it is Pending.`);
  const readyAt = Date.now() + STOP_SECONDS * 1_000 * speed;
  const after: StoredResource = { ...found, transition: { status: 'Pending', readyAt, then: STOPPED } };
  await store.write(after);
  await record(store.directory, 'stop', found);
}
