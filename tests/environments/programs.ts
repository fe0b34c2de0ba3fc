/** Every program of every blueprint, in the shapes that differ in resources or permissions. */
import type { Blueprint, PipelineRequest, PipelineType } from '../../blueprints/blueprint.ts';
import { PIPELINE_TYPES } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, REGION, run } from '../../blueprints/testing.ts';
import { REGISTRY, SINGLE, accepted, body } from '../unit/blueprints/requests.ts';

export const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/mlops-boundary-main`;
export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:notifications`;
const PIPELINE_ID = 'mlops-pipeline-my-model-name-postfix';

export interface Program {
  title: string;
  type: PipelineType;
  placement: Blueprint['placement'];
  request: PipelineRequest;
  /** Runs once, however often it is asked for. */
  make(): Promise<Run>;
}

const ASYNC = { input_location: 'in-bucket/payloads', output_location: 'out-bucket/answers' };
const CANARY = { strategy: 'canary', step_percent: 20, wait_seconds: 60, termination_wait_seconds: 120 };

/** Title → keys that differ from the example. */
const REALTIME: Record<string, Record<string, unknown>> = {
  verified: { verification: { smoke_request: { body: '1,2' }, soak_seconds: 60, alarms: ['mine'] } },
  'with a generated name': { endpoint_name: undefined },
  autoscaled: { endpoint: { autoscaling: { min_capacity: 1, max_capacity: 4, target_invocations_per_instance: 70 } } },
  serverless: { endpoint: { serverless: { memory_size_in_mb: 2048, max_concurrency: 20 } } },
  asynchronous: { endpoint: { asynchronous: { ...ASYNC, success_topic_arn: TOPIC, error_topic_arn: TOPIC } } },
  'asynchronous and autoscaled': {
    endpoint: {
      asynchronous: ASYNC,
      autoscaling: { min_capacity: 1, max_capacity: 4, target_invocations_per_instance: 5 },
    },
  },
  guarded: { endpoint: { deployment: CANARY } },
  'guarded by alarms of others': { endpoint: { deployment: { ...CANARY, alarms: ['mine'] } } },
};

function shapes(type: PipelineType): Record<string, Record<string, unknown>> {
  return {
    'as in the example': {},
    ...(type === 'byom_image_builder' ? {} : { 'with a key': { kms_key_arn: KEY } }),
    ...(type === 'byom_realtime_builtin' ? REALTIME : {}),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

export const PROGRAMS: readonly Program[] = PIPELINE_TYPES.flatMap((type) => {
  const { placement } = BLUEPRINTS[type];
  const program = (title: string, changes: Record<string, unknown>, settings = SINGLE): Program => ({
    title: `${type} ${title}`,
    type,
    placement,
    ...stackOf(type, accepted(body(type, changes, settings), settings).request),
  });
  return [
    ...Object.entries(shapes(type)).map(([title, changes]) => program(title, changes)),
    ...(/realtime|batch/.test(type) ? [program('of a model package', {}, REGISTRY)] : []),
  ];
});

function stackOf(type: PipelineType, request: PipelineRequest): Pick<Program, 'request' | 'make'> {
  const make = async () => {
    const load = await BLUEPRINTS[type].loadProgram?.();
    if (!load) throw new Error(`${type} has no program`);
    return await run(load, request, {
      pipelineId: PIPELINE_ID,
      permissionsBoundaryArn: BOUNDARY,
      notificationsTopicArn: TOPIC,
      tags: { 'mlops:pipeline-id': PIPELINE_ID },
    });
  };
  return { request, make: once(make) };
}
