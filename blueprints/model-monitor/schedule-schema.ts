/**
 * When monitors run, and for how long.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
 */
import type Joi from 'joi';
import type { Rule } from '../shared/schema/rules.ts';
import type { MonitorKind, MonitorRequest } from './monitor-request.ts';

export const SCHEDULE =
  /^(NOW|cron\(0 \* \? \* \* \*\)|cron\(0 ([01]?\d|2[0-3])(\/(0?[1-9]|1\d|2[0-4]))? \? \* \* \*\))$/;

export const SCHEDULE_FORMS =
  'cron(0 * ? * * *) every hour, cron(0 <hour> ? * * *) every day, or cron(0 <hour>/<n> ? * * *) every n hours';

/** Longest time of a monitoring job, whatever the schedule, in seconds. */
export const LONGEST_RUNTIME = 86_400;

const HOUR = 3_600;
const HOURLY = /^cron\(0 (\*|\d+\/0?1) \? \* \* \*\)$/;
const EVERY_HOURS = /^cron\(0 \d+\/(\d+) /;

/**
 * The longest that a job of an hourly schedule may run, in seconds, where that is less than the hour.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html
 */
const HOURLY_LIMIT: Readonly<Partial<Record<MonitorKind, number>>> = { model_quality: 1_800, model_bias: 1_800 };

/** What a monitoring job is given: the guide's own examples ask for more than SageMaker accepts with an hourly schedule. */
export function monitorRuntime(
  kind: MonitorKind,
  {
    schedule_expression: schedule,
    monitor_max_runtime_seconds: seconds,
  }: Pick<MonitorRequest, 'schedule_expression' | 'monitor_max_runtime_seconds'>,
): number {
  return isHourly(schedule) ? Math.min(seconds, HOURLY_LIMIT[kind] ?? seconds) : seconds;
}

export function isHourly(schedule: unknown): boolean {
  return typeof schedule === 'string' && HOURLY.test(schedule);
}

/**
 * SageMaker runs `NOW` once, over a window that has to be given (`DataAnalysisStartTime`, `DataAnalysisEndTime`). A pipeline is
 * deployed to stay, and the provider's schedule has no window.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ScheduleConfig.html
 */
export const notNow: Joi.CustomValidator = (schedule: string, helpers) =>
  schedule === 'NOW'
    ? helpers.error('mlops.now', {
        reason: `is NOW, which requires a start and an end time that pipelines do not support: use a schedule, ${SCHEDULE_FORMS}`,
      })
    : schedule;

/** Seconds from one run to the next. */
function periodOf(schedule: string): number {
  if (isHourly(schedule)) return HOUR;
  const [, hours = '24'] = EVERY_HOURS.exec(schedule) ?? [];
  return Number(hours) * HOUR;
}

/**
 * A job may not run longer than from one run to the next.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html
 */
export const withinSchedule: Rule<MonitorRequest> = ({
  schedule_expression: schedule,
  monitor_max_runtime_seconds: seconds,
}) => {
  const period = periodOf(schedule);
  return seconds > period
    ? {
        key: 'monitor_max_runtime_seconds',
        reason: `is ${seconds}, longer than the interval of schedule_expression ${schedule}: set it to at most ${period}, or choose a schedule with longer intervals`,
      }
    : undefined;
};
