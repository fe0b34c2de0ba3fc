/**
 * When monitors run, and for how long.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
 */
import type Joi from 'joi';

export const SCHEDULE =
  /^(NOW|cron\(0 \* \? \* \* \*\)|cron\(0 ([01]?\d|2[0-3])(\/(0?[1-9]|1\d|2[0-4]))? \? \* \* \*\))$/;

export const SCHEDULE_FORMS =
  'cron(0 * ? * * *) every hour, cron(0 <hour> ? * * *) every day, cron(0 <hour>/<n> ? * * *) every n hours, or NOW once';

/** Longest time of a monitoring job, whatever the schedule, in seconds. */
export const LONGEST_RUNTIME = 86_400;

const HOUR = 3_600;
const HOURLY = /^cron\(0 (\*|\d+\/0?1) \? \* \* \*\)$/;

export function isHourly(schedule: unknown): boolean {
  return typeof schedule === 'string' && HOURLY.test(schedule);
}

/**
 * A job may not run longer than from one to the next. Stands behind `schedule_expression` in a schema.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html
 */
export const withinSchedule: Joi.CustomValidator = (seconds: number, helpers) => {
  const ancestors = helpers.state.ancestors as Record<string, unknown>[];
  const { schedule_expression: schedule } = ancestors.at(-1) ?? {};
  const stage = helpers.state.path?.at(1);
  const own = typeof schedule === 'object' && schedule !== null && stage ? Reflect.get(schedule, stage) : schedule;
  // More than a day is a fault with any schedule, and told as that.
  return seconds > HOUR && seconds <= LONGEST_RUNTIME && isHourly(own)
    ? helpers.error('mlops.withinSchedule')
    : seconds;
};
