/**
 * Stops monitoring schedules before a stack is destroyed: SageMaker refuses to delete one that is in transition between two
 * states. Works from the stack's state, so it needs no blueprint.
 * @see https://github.com/hashicorp/terraform-provider-aws/issues/34397
 */
import { poll } from '../../platform/polling.ts';
import type { OpenStack } from './open-stack.ts';
import type { EndpointWatch } from './verification/endpoint.ts';

export const SCHEDULE_TYPE = 'aws:sagemaker/monitoringSchedule:MonitoringSchedule';

/** SageMaker takes up to a few minutes, and throttles calls. */
const PACE = { firstMs: 250, longestMs: 15_000 };

/** @throws when the watch's signal is aborted, and errors of AWS */
export async function stopSchedules(stack: Pick<OpenStack, 'state'>, watch: EndpointWatch): Promise<void> {
  const state = await stack.state();
  const names = (state?.resources ?? []).flatMap(({ type, id }) => (type === SCHEDULE_TYPE && id ? [id] : []));
  await Promise.all(names.map((name) => stopSchedule(name, watch)));
}

/** Waits for one that is in transition, because that cannot be stopped either. */
async function stopSchedule(name: string, { cloud, environment, signal, note }: EndpointWatch): Promise<void> {
  let stopped = false;
  await poll(
    async () => {
      const status = await cloud.monitoringScheduleStatus(environment, name);
      if (status === 'Scheduled' && !stopped) {
        await cloud.stopMonitoringSchedule(environment, name);
        stopped = true;
        note('schedule.stopped', { name });
      } else if (status !== 'Pending') {
        // Stopped, failed or gone; or started again by someone else, which does not prevent its deletion.
        return { value: undefined };
      }
      note('schedule.waiting', { name, status });
      return undefined;
    },
    { ...PACE, signal },
  );
}
