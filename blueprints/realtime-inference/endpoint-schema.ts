/** The key `endpoint`: how a real-time endpoint is run. Everything in it is off by default. */
import Joi from 'joi';
import type { SchemaSettings } from '../blueprint.ts';
import { count } from '../shared/schema/joi-pieces.ts';
import { perStageObject } from '../shared/schema/per-stage-object.ts';
import { s3Location } from '../request/paths.ts';
import { unless } from '../shared/schema/rule-between-keys.ts';
import type { Strategy } from './traffic-shifting.ts';
import {
  DEFAULT_STEP_PERCENT,
  LONGEST_WAITING_SECONDS,
  LONGEST_WAIT_SECONDS,
  waitingSeconds,
} from './traffic-shifting.ts';

/** Far beyond the quotas of any account: what is more is a slip. */
const INSTANCES_LIMIT = 1_000;
const COOLDOWN_LIMIT_SECONDS = 3_600;
const TARGET_LIMIT = 1_000_000;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariantServerlessConfig.html */
const MEMORY_SIZES_MB = [1024, 2048, 3072, 4096, 5120, 6144];
const CONCURRENCY_LIMIT = 200;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceClientConfig.html */
const ASYNC_CONCURRENCY_LIMIT = 1_000;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoRollbackConfig.html */
const ALARMS_LIMIT = 10;
const ALARM_NAME_LIMIT = 255;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html */
const STEP_PERCENT = { smallest: 5, smallestLinear: 10, largest: 50 };
/** Alarms evaluate whole minutes: two of them see something, and ten steps stay within what a deployment may take. */
const DEFAULT_WAIT_SECONDS = 120;

interface Endpoint {
  instance_count?: number;
  autoscaling?: { min_capacity?: number; max_capacity?: number };
  serverless?: unknown;
  asynchronous?: unknown;
}

/** @param why what serverless has in its place */
function withInstances(schema: Joi.AnySchema, why: string): Joi.AnySchema {
  return unless(schema, 'conflict', (_value, { serverless }: Endpoint) =>
    serverless === undefined ? undefined : `and serverless are mutually exclusive: ${why}; remove one of them`,
  );
}

const instances = unless(
  withInstances(
    count(
      'Number of instances; with autoscaling, the initial number; default: 1, or min_capacity. Changing it updates the endpoint.',
      1,
      INSTANCES_LIMIT,
    ).example(2, { override: true }),
    'a serverless endpoint has no instances',
  ),
  'range',
  // A bound that is missing is a fault of its own.
  (value: number, { autoscaling: { min_capacity: least, max_capacity: most } = {} }: Endpoint) => {
    if (least !== undefined && value < least) {
      return `is ${value}, but must be at least min_capacity (${least}) of autoscaling`;
    }
    if (most !== undefined && value > most) {
      return `is ${value}, but must be at most max_capacity (${most}) of autoscaling`;
    }
    return undefined;
  },
);

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html */
const zeroOnlyAsynchronous: Joi.CustomValidator = (least: number, helpers) => {
  const [, endpoint] = helpers.state.ancestors as [unknown, Endpoint | undefined];
  if (least > 0 || endpoint?.asynchronous !== undefined) return least;
  const reason =
    'is 0, but only an endpoint with "asynchronous" can scale to zero: set min_capacity to at least 1, or add asynchronous';
  return helpers.error('any.unknown', { reason });
};

const cooldown = (what: string) =>
  count(`Seconds after ${what}; default: 300, as in AWS.`, 0, COOLDOWN_LIMIT_SECONDS).example(300, { override: true });

const autoscaling = withInstances(
  Joi.object({
    min_capacity: count(
      'Minimum number of instances; 0 only for asynchronous endpoints, which start one when a payload arrives. Updated in place.',
      0,
      INSTANCES_LIMIT,
    )
      .custom(zeroOnlyAsynchronous)
      .messages({ 'any.unknown': '{{#label}} {{#reason}}' })
      .required()
      .example(1, { override: true }),
    max_capacity: unless(
      count('Maximum number of instances. Updated in place.', 1, INSTANCES_LIMIT)
        .required()
        .example(4, { override: true }),
      'range',
      (most: number, { min_capacity: least }: { min_capacity: number }) =>
        most < least ? `must be at least min_capacity (${least})` : undefined,
    ),
    target_invocations_per_instance: Joi.number()
      .min(0.01)
      .max(TARGET_LIMIT)
      .required()
      .description(
        'Target invocations per minute and instance; for an asynchronous endpoint, waiting and running invocations per instance.',
      )
      .example(70),
    scale_in_cooldown_seconds: cooldown('a scale-in before another one can start'),
    scale_out_cooldown_seconds: cooldown('a scale-out before another one can start'),
  })
    .description('Scales the number of instances with the load; default: off.')
    .example({ min_capacity: 1, max_capacity: 4, target_invocations_per_instance: 70 }),
  'a serverless endpoint scales automatically',
);

const serverless = Joi.object({
  memory_size_in_mb: Joi.number()
    .valid(...MEMORY_SIZES_MB)
    .required()
    .description('Memory in MB; CPU is allocated in proportion.')
    .example(2048),
  max_concurrency: count('Maximum concurrent invocations; further ones are throttled.', 1, CONCURRENCY_LIMIT)
    .required()
    .example(20, { override: true }),
  provisioned_concurrency: unless(
    count('Concurrent invocations without cold start, billed continuously; default: none.', 1, CONCURRENCY_LIMIT),
    'range',
    (provisioned: number, { max_concurrency: most }: { max_concurrency: number }) =>
      provisioned > most ? `must be at most max_concurrency (${most})` : undefined,
  ),
})
  .description(
    'Serverless endpoint: no instances, billed per invocation, without data capture; default: instances. Changing it updates the endpoint.',
  )
  .example({ memory_size_in_mb: 2048, max_concurrency: 20 });

/** @see https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html Asynchronous inference takes standard topics only. */
const topic = (what: string) =>
  Joi.string()
    .pattern(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/, 'the ARN of a standard SNS topic')
    .description(what)
    .example('arn:aws:sns:us-east-1:111111111111:my-topic');

const asynchronous = withInstances(
  Joi.object({
    input_location: s3Location('Location of the payloads; the endpoint cannot read from anywhere else').required(),
    output_location: s3Location('Location of the responses').required(),
    failure_location: s3Location('Location of failures; default: not stored'),
    max_concurrent_invocations_per_instance: count(
      'Maximum concurrent invocations per instance; default: chosen by SageMaker.',
      1,
      ASYNC_CONCURRENCY_LIMIT,
    ),
    success_topic_arn: topic('Notified of every response; default: no notifications.'),
    error_topic_arn: topic('Notified of every failure; default: no notifications.'),
  })
    .description(
      'Asynchronous endpoint: payloads and responses are stored in Amazon S3; default: synchronous. Changing it updates the endpoint.',
    )
    .example({ input_location: 'my-bucket/payloads', output_location: 'my-bucket/answers' }),
  'a serverless endpoint responds synchronously',
);

interface Deployment {
  strategy: Strategy;
  step_percent?: number;
  wait_seconds: number;
  termination_wait_seconds: number;
  alarms?: string[];
}

const wait = (what: string) =>
  count(`Seconds ${what}; default: ${DEFAULT_WAIT_SECONDS}.`, 0, LONGEST_WAIT_SECONDS)
    .default(DEFAULT_WAIT_SECONDS)
    .example(DEFAULT_WAIT_SECONDS, { override: true });

const deploymentKeys = Joi.object({
  strategy: Joi.string()
    .valid('all_at_once', 'canary', 'linear')
    .required()
    .description('How an update shifts traffic: all at once, a canary before the rest, or in equal (linear) steps.')
    .example('canary'),
  step_percent: unless(
    unless(
      count(
        `Percentage of the capacity in each step; for a linear deployment at least ${STEP_PERCENT.smallestLinear}; default: ${DEFAULT_STEP_PERCENT}.`,
        STEP_PERCENT.smallest,
        STEP_PERCENT.largest,
      ).example(DEFAULT_STEP_PERCENT, { override: true }),
      'conflict',
      (_percent, { strategy }: Deployment) =>
        strategy === 'all_at_once' ? 'has no effect with the strategy all_at_once; remove it' : undefined,
    ),
    'range',
    (percent: number, { strategy }: Deployment) =>
      strategy === 'linear' && percent < STEP_PERCENT.smallestLinear
        ? `must be at least ${STEP_PERCENT.smallestLinear} with the strategy linear`
        : undefined,
  ),
  wait_seconds: wait('to watch the alarms after each step'),
  termination_wait_seconds: wait('to keep the old instances after all traffic has been shifted'),
  alarms: Joi.array()
    .items(Joi.string().trim().max(ALARM_NAME_LIMIT))
    .min(1)
    .max(ALARMS_LIMIT)
    .description(
      'Names of CloudWatch alarms that roll back an update; default: error and latency alarms created for this endpoint. ' +
        'Changing them replaces the endpoint, so change or omit endpoint_name too.',
    )
    .example(['my-alarm']),
})
  .description(
    'Deployment strategy for updates of the endpoint, with rollback; default: all at once, without alarms. Adding or ' +
      'removing it replaces the endpoint, so change or omit endpoint_name too.',
  )
  .example({ strategy: 'canary', step_percent: 10, wait_seconds: 300 });

const deployment = unless(
  unless(
    withInstances(deploymentKeys, 'SageMaker supports deployment guardrails only for endpoints with instances'),
    'conflict',
    ({ alarms }: Deployment, { asynchronous }: Endpoint) =>
      asynchronous !== undefined && alarms === undefined
        ? 'requires alarms for an asynchronous endpoint, because no endpoint metric reports errors and latency of its responses'
        : undefined,
  ),
  'range',
  (value: Deployment) => {
    const seconds = waitingSeconds({
      strategy: value.strategy,
      stepPercent: value.step_percent,
      waitSeconds: value.wait_seconds,
      terminationWaitSeconds: value.termination_wait_seconds,
    });
    return seconds > LONGEST_WAITING_SECONDS
      ? `would wait ${seconds} s in total, but a deployment can wait at most ${LONGEST_WAITING_SECONDS} s, not counting the start of the instances; reduce wait_seconds or termination_wait_seconds, or increase step_percent`
      : undefined;
  },
);

// In this order: a rule between keys sees those before it as numbers.
const KEYS = { serverless, autoscaling, instance_count: instances, asynchronous, deployment };

const WHAT =
  'Endpoint options: number of instances, autoscaling, serverless, asynchronous, guarded deployment; default: one ' +
  'instance, synchronous.';

const EXAMPLE = { autoscaling: { min_capacity: 1, max_capacity: 4, target_invocations_per_instance: 70 } };

export function endpointKey(settings: SchemaSettings): Joi.AnySchema {
  return perStageObject(WHAT, KEYS, EXAMPLE, settings);
}
