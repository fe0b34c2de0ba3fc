/** Application Auto Scaling. @see https://docs.aws.amazon.com/autoscaling/application/APIReference/Welcome.html */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { uuid } from '../identifiers.ts';
import { arn } from '../partitions.ts';
import { objects, text } from '../properties.ts';
import type { TypeDefinition } from '../resource-type.ts';
import { placeOf } from '../store.ts';

const service = { folder: 'appautoscaling', sdkId: 'Application Auto Scaling' };
const TARGET = 'aws:appautoscaling/target:Target';
const POLICY = 'aws:appautoscaling/policy:Policy';
const ECS_SERVICE = { token: 'aws:ecs/service:Service' };
const KEYS = ['serviceNamespace', 'resourceId', 'scalableDimension'];

const targetKey = (inputs: Properties): string => KEYS.map((key) => text(inputs, key)).join('/');

const target: TypeDefinition = {
  token: TARGET,
  service,
  title: 'Application Auto Scaling Target',
  api: { create: 'RegisterScalableTarget', update: 'RegisterScalableTarget', delete: 'DeregisterScalableTarget' },
  rules: [
    { path: 'minCapacity', min: 0 },
    { path: 'maxCapacity', min: 0 },
  ],
  replaceOn: KEYS,
  computed: ['roleArn'],
  identity: { kind: 'derived', key: targetKey, id: (inputs) => text(inputs, 'resourceId') },
  outputs: (inputs, _id, scope) => ({
    arn: arn(scope, 'application-autoscaling', `scalable-target/${uuid().replaceAll('-', '')}`),
    roleArn: text(inputs, 'roleArn'),
  }),
  refuseCreate: async ({ inputs, store, scope }) => {
    if (Number(inputs['minCapacity']) > Number(inputs['maxCapacity'])) {
      refuse('ValidationException', 'Maximum capacity cannot be less than minimum capacity');
    }
    const resourceId = text(inputs, 'resourceId');
    const isEcs = text(inputs, 'serviceNamespace') === 'ecs';
    if (isEcs && !(await store.read(placeOf(ECS_SERVICE, scope), arn(scope, 'ecs', resourceId)))) {
      refuse('ValidationException', `ECS service doesn't exist: ${resourceId}`);
    }
    const [, endpointName, variant] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(text(inputs, 'resourceId')) ?? [];
    if (text(inputs, 'serviceNamespace') !== 'sagemaker' || !endpointName) return;
    const endpoint = await store.read(placeOf({ token: 'aws:sagemaker/endpoint:Endpoint' }, scope), endpointName);
    const place = placeOf({ token: 'aws:sagemaker/endpointConfiguration:EndpointConfiguration' }, scope);
    const config = endpoint && (await store.read(place, text(endpoint.inputs, 'endpointConfigName')));
    const variants = config ? objects(config.inputs, 'productionVariants') : [];
    if (!variants.some((each) => each['variantName'] === variant)) {
      refuse('ValidationException', `ECS service or SageMaker variant doesn't exist: ${text(inputs, 'resourceId')}`);
    }
  },
  cascade: async ({ store, scope }, before) => store.list(placeOf({ token: POLICY }, scope), `${before.key}/`),
};

const policy: TypeDefinition = {
  token: POLICY,
  service,
  title: 'Application Auto Scaling Scaling Policy',
  api: { create: 'PutScalingPolicy', update: 'PutScalingPolicy', delete: 'DeleteScalingPolicy' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: { property: 'name', maxLength: 256, pattern: /^\P{Cc}+$/u },
  rules: [{ path: 'policyType', oneOf: ['StepScaling', 'TargetTrackingScaling', 'PredictiveScaling'] }],
  replaceOn: ['name', ...KEYS],
  defaults: { policyType: 'StepScaling' },
  identity: {
    kind: 'derived',
    key: (inputs) => `${targetKey(inputs)}/${text(inputs, 'name')}`,
    id: (inputs) => text(inputs, 'name'),
  },
  outputs: (inputs, id, scope) => {
    const resource = `resource/${text(inputs, 'serviceNamespace')}/${text(inputs, 'resourceId')}`;
    const alarm = (level: string): string =>
      arn(scope, 'cloudwatch', `alarm:TargetTracking-${text(inputs, 'resourceId')}-Alarm${level}-${uuid()}`);
    const tracking = text(inputs, 'policyType') === 'TargetTrackingScaling';
    return {
      arn: arn(scope, 'autoscaling', `scalingPolicy:${uuid()}:${resource}:policyName/${id}`),
      alarmArns: tracking ? [alarm('High'), alarm('Low')] : [],
    };
  },
  references: [
    {
      property: 'resourceId',
      type: TARGET,
      key: (_id, inputs) => targetKey(inputs),
      code: 'ObjectNotFoundException',
      message: (id) => `No scalable target registered for resource ${id}`,
    },
  ],
};

export const appautoscalingTypes: readonly TypeDefinition[] = [target, policy];
