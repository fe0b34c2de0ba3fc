/** The key `verification`: checks after a deployment, in addition to the endpoint being in service. All are off by default. */
import Joi from 'joi';
import type { SchemaSettings } from '../blueprint.ts';
import { STAGES } from '../blueprint.ts';
import { count } from '../shared/schema/joi-pieces.ts';
import { perStageObject } from '../shared/schema/per-stage-object.ts';
import { unless } from '../shared/schema/rule-between-keys.ts';
import type { EndpointRequest } from './endpoint-settings.ts';
import type { VerificationRequest } from './request.ts';

/** A payload to try a model with, not a batch of them. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html: 6 MB */
const BODY_LIMIT_BYTES = 262_144;
/** Longer patterns are unreadable, and risk catastrophic backtracking. */
const PATTERN_LIMIT = 500;
const DAY = 86_400;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
const ALARMS_LIMIT = 10;
const ALARM_NAME_LIMIT = 255;

const expected = Joi.string()
  .max(PATTERN_LIMIT)
  .custom((pattern: string, helpers) => {
    try {
      new RegExp(pattern, 'u');
      return pattern;
    } catch (error) {
      return helpers.error('mlops.regex', { reason: error instanceof Error ? error.message : String(error) });
    }
  })
  .messages({ 'mlops.regex': '{{#label}} must be a JavaScript regular expression (flag u): {{#reason}}' })
  .description(
    'Regular expression that must match within the first 64 KiB of the response; default: any response is accepted.',
  )
  .example('^0\\.\\d+');

const smokeRequest = Joi.object({
  body: Joi.string()
    .allow('')
    .max(BODY_LIMIT_BYTES, 'utf8')
    .required()
    .description('Payload, sent to the endpoint unchanged.')
    .example('1.0,2.0,3.2'),
  content_type: Joi.string()
    .trim()
    .max(1_024)
    .pattern(/^[\x21-\x7e]+( ?[\x21-\x7e]+)*$/, 'a content type such as text/csv')
    .default('text/csv')
    .description('Content type of the payload; default: text/csv.')
    .example('text/csv'),
  expected,
})
  .description('A request that the endpoint must respond to before the deployment succeeds; default: none.')
  .example({ body: '1.0,2.0,3.2', expected: '^0\\.\\d+' });

const KEYS = {
  smoke_request: smokeRequest,
  soak_seconds: count(
    'Seconds after a deployment during which no alarm may go into ALARM; only then the stage succeeds and the next approval is requested; default: 0.',
    0,
    DAY,
  ).example(600, { override: true }),
  alarms: unless(
    Joi.array()
      .items(Joi.string().trim().max(ALARM_NAME_LIMIT))
      .min(1)
      .max(ALARMS_LIMIT)
      .unique()
      .description(
        'Names of the CloudWatch alarms to watch during the soak time; default: the alarms that guard deployments of the endpoint, if any.',
      )
      .example(['my-alarm']),
    'conflict',
    (_alarms, { soak_seconds: seconds = 0 }: VerificationRequest) =>
      seconds === 0 ? 'have no effect without soak_seconds; add it, or remove them' : undefined,
  ),
};

const WHAT =
  'Checks after a deployment, in addition to the endpoint being in service: a smoke request, and alarms that must not go ' +
  'into ALARM; default: none. Changing it does not change deployed resources.';

const EXAMPLE = { smoke_request: { body: '1.0,2.0,3.2', expected: '^0\\.\\d+' }, soak_seconds: 600 };

type OfStages<T> = T & Partial<Record<string, T>>;

/** Stands behind `endpoint` in the schema: an asynchronous endpoint answers no request. */
export function verificationKey(settings: SchemaSettings): Joi.AnySchema {
  return unless(
    perStageObject(WHAT, KEYS, EXAMPLE, settings),
    'conflict',
    (verification: OfStages<VerificationRequest>, { endpoint }: { endpoint?: OfStages<EndpointRequest> }) => {
      const pairs = [undefined, ...STAGES].map((stage) =>
        stage ? [verification[stage], endpoint?.[stage]] : [verification, endpoint],
      ) as [VerificationRequest | undefined, EndpointRequest | undefined][];
      return pairs.some(([of, how]) => of?.smoke_request && how?.asynchronous)
        ? 'has a smoke_request, but the endpoint is asynchronous and responds in Amazon S3 only; remove one of them'
        : undefined;
    },
  );
}
