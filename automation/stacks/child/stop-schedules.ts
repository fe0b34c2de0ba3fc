/**
 * Monitoring schedules are stopped before a stack is destroyed: SageMaker refuses to delete one that is on its way between two
 * states. Works from the state, whatever blueprint made it.
 * @see https://github.com/hashicorp/terraform-provider-aws/issues/34397
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Stack } from '@pulumi/pulumi/automation/index.js';
import type { EndpointWatch } from './verification/endpoint.ts';

export const SCHEDULE_TYPE = 'aws:sagemaker/monitoringSchedule:MonitoringSchedule';

const FIRST_WAIT_MS = 250;
/** SageMaker takes up to some minutes, and counts calls. */
const LONGEST_WAIT_MS = 15_000;

/** @throws when the watch's signal is aborted, or with what the cloud says */
export async function stopSchedules(stack: Stack, watch: EndpointWatch): Promise<void> {
  const { deployment } = await stack.exportStack();
  const { resources = [] } = (deployment ?? {}) as { resources?: { type: string; id?: string }[] };
  const names = resources.flatMap(({ type, id }) => (type === SCHEDULE_TYPE && id ? [id] : []));
  await Promise.all(names.map((name) => stopSchedule(name, watch)));
}

/** One that is on its way is waited for first: it cannot be stopped then either. */
async function stopSchedule(name: string, { cloud, environment, signal, note }: EndpointWatch): Promise<void> {
  let stopped = false;
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    const status = await cloud.monitoringScheduleStatus(environment, name);
    if (status === 'Scheduled' && !stopped) {
      await cloud.stopMonitoringSchedule(environment, name);
      stopped = true;
      note('schedule.stopped', { name });
    } else if (status !== 'Pending') {
      // Stopped, failed, or gone; or scheduled again by somebody else, which does not keep it from being deleted.
      return;
    }
    note('schedule.waiting', { name, status });
    await delay(wait, undefined, { signal });
  }
}
