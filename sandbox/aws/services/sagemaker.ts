/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/Welcome.html */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { arn } from '../partitions.ts';
import type { Scope } from '../partitions.ts';
import { at, isAbsent, object, objects, same, text } from '../properties.ts';
import { requirePolicyDocument, requireRole } from '../references.ts';
import type { CallContext, NameRule, Reference, TypeDefinition } from '../resource-type.ts';
import type { StoredResource } from '../store.ts';
import { placeOf, statusOf } from '../store.ts';

const service = { folder: 'sagemaker', sdkId: 'SageMaker' };
const NAME_PATTERN = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

const nameRule = (property = 'name'): NameRule => ({ property, maxLength: 63, pattern: NAME_PATTERN });
const autoName = { property: 'name', maxLength: 255 };
const byName = { kind: 'derived', key: (inputs: Properties) => text(inputs, 'name') } as const;

/** SageMaker lower-cases the name inside the ARN. */
const arnOutput = (kind: string) => (_inputs: Properties, id: string, scope: Scope) => ({
  arn: arn(scope, 'sagemaker', `${kind}/${id.toLowerCase()}`),
});

const duplicateOf = (what: string, kind: string) => ({
  code: 'ValidationException',
  message: (name: string) => `Cannot create already existing ${what} "${kind}/${name}".`,
});

const MODEL = 'aws:sagemaker/model:Model';
const CONFIG = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';
export const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';

const executionRole = (property: string) => async (context: CallContext) => {
  const role = text(context.inputs, property);
  if (role === '') return;
  await requireRole(context, role, 'sagemaker.amazonaws.com', {
    code: 'ValidationException',
    message:
      `Could not assume role ${role}. Please ensure that the role exists and allows principal ` +
      `'sagemaker.amazonaws.com' to assume the role.`,
  });
};

const model: TypeDefinition = {
  token: MODEL,
  service,
  title: 'SageMaker AI Model',
  api: { create: 'CreateModel', update: 'AddTags', delete: 'DeleteModel' },
  autoName,
  nameRule: nameRule(),
  rules: [
    { path: 'executionRoleArn', pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/ },
    { path: 'primaryContainer.image', maxLength: 255, pattern: /^\S+$/ },
    { path: 'primaryContainer.modelDataUrl', maxLength: 1024, pattern: /^(https|s3):\/\/[^/]+/ },
    { path: 'primaryContainer.mode', oneOf: ['SingleModel', 'MultiModel'] },
    { path: 'containers[].image', maxLength: 255, pattern: /^\S+$/ },
    { path: 'containers[].modelDataUrl', maxLength: 1024, pattern: /^(https|s3):\/\/[^/]+/ },
    { path: 'containers[].mode', oneOf: ['SingleModel', 'MultiModel'] },
  ],
  replaceOn: { allExcept: ['tags', 'tagsAll'] },
  defaults: { enableNetworkIsolation: false },
  identity: byName,
  outputs: arnOutput('model'),
  duplicate: duplicateOf('model', 'model'),
  refuseCreate: async (context) => {
    const primary = object(context.inputs, 'primaryContainer');
    const containers = objects(context.inputs, 'containers');
    const hasPrimary = !isAbsent(context.inputs['primaryContainer']);
    if (hasPrimary === containers.length > 0) {
      refuse('ValidationException', 'One and only one of PrimaryContainer and Containers must be provided.');
    }
    for (const container of hasPrimary ? [primary] : containers) {
      const image = text(container, 'image');
      const modelPackage = text(container, 'modelPackageName');
      if ((image === '') === (modelPackage === '')) {
        refuse('ValidationException', 'Exactly one of Image and ModelPackageName must be given for a container.');
      }
    }
    await executionRole('executionRoleArn')(context);
  },
};

const modelExists: Reference = {
  property: 'modelName',
  type: MODEL,
  code: 'ValidationException',
  message: (name) => `Could not find model "${name}".`,
};

const MEMORY_SIZES = [1024, 2048, 3072, 4096, 5120, 6144];

const endpointConfiguration: TypeDefinition = {
  token: CONFIG,
  service,
  title: 'SageMaker AI Endpoint Configuration',
  api: { create: 'CreateEndpointConfig', update: 'AddTags', delete: 'DeleteEndpointConfig' },
  autoName: { ...autoName, conflictsWith: ['namePrefix'] },
  nameRule: nameRule(),
  rules: [
    { path: 'productionVariants[].initialInstanceCount', min: 1 },
    { path: 'productionVariants[].volumeSizeInGb', min: 1, max: 512 },
    { path: 'productionVariants[].variantName', maxLength: 63, pattern: NAME_PATTERN },
    { path: 'productionVariants[].serverlessConfig.maxConcurrency', min: 1, max: 200 },
    { path: 'productionVariants[].serverlessConfig.memorySizeInMb', oneOf: MEMORY_SIZES },
    { path: 'productionVariants[].containerStartupHealthCheckTimeoutInSeconds', min: 60, max: 3600 },
    { path: 'productionVariants[].modelDataDownloadTimeoutInSeconds', min: 60, max: 3600 },
    { path: 'dataCaptureConfig.initialSamplingPercentage', min: 0, max: 100 },
    { path: 'dataCaptureConfig.destinationS3Uri', maxLength: 512, pattern: /^(https|s3):\/\/[^/]+\/?(.*)$/ },
    { path: 'dataCaptureConfig.captureOptions[].captureMode', oneOf: ['Input', 'Output', 'InputAndOutput'] },
    { path: 'kmsKeyArn', pattern: /^arn:/ },
    { path: 'dataCaptureConfig.kmsKeyId', pattern: /^arn:/ },
  ],
  replaceOn: { allExcept: ['tags', 'tagsAll'] },
  identity: byName,
  outputs: arnOutput('endpoint-config'),
  duplicate: duplicateOf('endpoint configuration', 'endpoint-config'),
  refuseCreate: async ({ inputs, store, scope }) => {
    const variants = objects(inputs, 'productionVariants');
    if (variants.length < 1 || variants.length > 10) {
      refuse('ValidationException', 'An endpoint configuration has between 1 and 10 production variants.');
    }
    for (const variant of variants) {
      const name = text(variant, 'modelName');
      const known = name === '' || (await store.read(placeOf({ token: MODEL }, scope), name));
      if (!known) refuse(modelExists.code, modelExists.message(name));
      if (name === '' && text(inputs, 'executionRoleArn') === '') {
        refuse('ValidationException', 'A production variant without a model needs an execution role.');
      }
      const serverless = !isAbsent(variant['serverlessConfig']);
      if (!serverless && text(variant, 'instanceType') === '') {
        refuse('ValidationException', 'A production variant needs an instance type or a serverless configuration.');
      }
      if (serverless && (!isAbsent(inputs['dataCaptureConfig']) || !isAbsent(inputs['kmsKeyArn']))) {
        refuse('ValidationException', 'Data capture and a volume key are not supported for serverless endpoints.');
      }
    }
  },
  // AWS documents that this must not be done, and lets it happen; here it is refused, because it shows a wrong order.
  refuseDelete: async ({ store, scope }, before) => {
    const endpoints = await store.list(placeOf({ token: ENDPOINT }, scope));
    const user = endpoints.find((each) =>
      [each.inputs, each.transition?.inputs].some((inputs) => inputs?.['endpointConfigName'] === before.id),
    );
    if (user) {
      refuse(
        'ValidationException',
        `Cannot delete endpoint configuration "${before.id}" while endpoint "${user.id}" uses it.`,
      );
    }
  },
};

const endpoint: TypeDefinition = {
  token: ENDPOINT,
  service,
  title: 'SageMaker AI Endpoint',
  api: { create: 'CreateEndpoint', update: 'UpdateEndpoint', delete: 'DeleteEndpoint', read: 'DescribeEndpoint' },
  autoName,
  nameRule: nameRule(),
  rules: [
    {
      path: 'deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration.type',
      oneOf: ['ALL_AT_ONCE', 'CANARY', 'LINEAR'],
    },
    { path: 'deploymentConfig.blueGreenUpdatePolicy.terminationWaitInSeconds', min: 0, max: 3600 },
    { path: 'deploymentConfig.blueGreenUpdatePolicy.maximumExecutionTimeoutInSeconds', min: 600, max: 14400 },
  ],
  replaceOn: ['name', 'deploymentConfig.autoRollbackConfiguration'],
  identity: byName,
  outputs: arnOutput('endpoint'),
  duplicate: duplicateOf('endpoint', 'endpoint'),
  references: [
    {
      property: 'endpointConfigName',
      type: CONFIG,
      code: 'ValidationException',
      message: (name) => `Could not find endpoint configuration "${name}".`,
    },
  ],
  refuseUpdate: refuseEndpointUpdate,
  refuseDelete: async (_context, before) => {
    if (before.transition) {
      refuse('ValidationException', `Cannot delete endpoint "${before.id}" while it is ${statusOf(before)}.`);
    }
  },
  // SageMaker deregisters the scalable targets of a deleted endpoint's variants, and their policies with them.
  cascade: async ({ store, scope }, before) => {
    const prefix = `sagemaker/endpoint/${before.id}/`;
    const targets = await store.list(placeOf({ token: 'aws:appautoscaling/target:Target' }, scope), prefix);
    const policies = await store.list(placeOf({ token: 'aws:appautoscaling/policy:Policy' }, scope), prefix);
    return [...targets, ...policies];
  },
  seconds: { create: 1.5, update: 1.5, delete: 0.1 },
  transitional: (news, oldInputs) =>
    !oldInputs ||
    !same(news['endpointConfigName'], oldInputs['endpointConfigName']) ||
    !same(news['deploymentConfig'], oldInputs['deploymentConfig']),
};

/**
 * What UpdateEndpoint refuses: an endpoint that failed, another kind of endpoint, another instance type while Application Auto
 * Scaling scales the variant.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-edit.html
 */
async function refuseEndpointUpdate({ store, scope, inputs }: CallContext, before: StoredResource): Promise<void> {
  if (before.transition) refuse('ValidationException', `Cannot update in-progress endpoint "${before.id}".`);
  if (same(inputs['endpointConfigName'], before.inputs['endpointConfigName'])) return;
  if (statusOf(before) === 'Failed') {
    refuse(
      'ValidationException',
      `Cannot update endpoint "${before.id}" in Failed state. Delete it and create it again.`,
    );
  }
  const place = placeOf({ token: CONFIG }, scope);
  const [from, to] = await Promise.all(
    [before.inputs, inputs].map((each) => store.read(place, text(each, 'endpointConfigName'))),
  );
  if (!from || !to) return;
  for (const [kind, is] of Object.entries(ENDPOINT_KINDS)) {
    if (is(from.inputs) !== is(to.inputs)) {
      refuse('ValidationException', `Cannot update endpoint "${before.id}": ${kind} cannot be added or removed.`);
    }
  }
  const targets = placeOf({ token: 'aws:appautoscaling/target:Target' }, scope);
  const scaled = await store.list(targets, `sagemaker/endpoint/${before.id}/`);
  for (const variant of objects(from.inputs, 'productionVariants')) {
    const name = text(variant, 'variantName');
    const after = objects(to.inputs, 'productionVariants').find((each) => each['variantName'] === name);
    const isScaled = scaled.some(({ key }) => key.startsWith(`sagemaker/endpoint/${before.id}/variant/${name}/`));
    if (isScaled && !same(after?.['instanceType'], variant['instanceType'])) {
      refuse(
        'ValidationException',
        `The variant(s) "[${name}]" must be deregistered as scalable target with AWS Application Auto Scaling before they can be removed or updated to another instance type.`,
      );
    }
  }
}

const ENDPOINT_KINDS: Readonly<Record<string, (config: Properties) => boolean>> = {
  'a serverless configuration': (config) =>
    objects(config, 'productionVariants').some((variant) => !isAbsent(variant['serverlessConfig'])),
  'asynchronous inference': (config) => !isAbsent(config['asyncInferenceConfig']),
};

const INPUT = 'dataQualityJobInput';

const dataQualityJobDefinition: TypeDefinition = {
  token: 'aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition',
  service,
  title: 'SageMaker AI Data Quality Job Definition',
  api: {
    create: 'CreateDataQualityJobDefinition',
    update: 'AddTags',
    delete: 'DeleteDataQualityJobDefinition',
  },
  autoName,
  nameRule: nameRule(),
  rules: [
    { path: 'jobResources.clusterConfig.instanceCount', min: 1, max: 100 },
    { path: 'jobResources.clusterConfig.volumeSizeInGb', min: 1, max: 512 },
    { path: 'stoppingCondition.maxRuntimeInSeconds', min: 1, max: 86_400 },
  ],
  replaceOn: { allExcept: ['tags', 'tagsAll'] },
  identity: byName,
  outputs: arnOutput('data-quality-job-definition'),
  duplicate: {
    code: 'ResourceInUse',
    message: (name) => `A data quality job definition with the name "${name}" already exists.`,
  },
  refuseCreate: async (context) => {
    const given = ['endpointInput', 'batchTransformInput'].filter(
      (key) => !isAbsent(object(context.inputs, INPUT)[key]),
    );
    if (given.length !== 1) {
      refuse('ValidationException', 'Exactly one of EndpointInput and BatchTransformInput must be given.');
    }
    await executionRole('roleArn')(context);
    const name = at(context.inputs, `${INPUT}.endpointInput.endpointName`);
    if (typeof name === 'string') await requireEndpoint(context, name);
  },
};

async function requireEndpoint({ store, scope }: CallContext, name: string) {
  const found = await store.read(placeOf({ token: ENDPOINT }, scope), name);
  return found ?? refuse('ValidationException', `Could not find endpoint "${name}".`);
}

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html */
const SCHEDULE_EXPRESSION = /^(NOW|cron\(0 (\*|\d{1,2}|\d{1,2}\/\d{1,2}) \? \* \* \*\))$/;
const MONITORING_TYPES = ['DataQuality', 'ModelQuality', 'ModelBias', 'ModelExplainability'];

export const SCHEDULE = 'aws:sagemaker/monitoringSchedule:MonitoringSchedule';

const monitoringSchedule: TypeDefinition = {
  token: SCHEDULE,
  service,
  title: 'SageMaker AI Monitoring Schedule',
  api: {
    create: 'CreateMonitoringSchedule',
    update: 'UpdateMonitoringSchedule',
    delete: 'DeleteMonitoringSchedule',
  },
  autoName,
  nameRule: nameRule(),
  rules: [
    { path: 'monitoringScheduleConfig.monitoringType', oneOf: MONITORING_TYPES },
    { path: 'monitoringScheduleConfig.scheduleConfig.scheduleExpression', pattern: SCHEDULE_EXPRESSION },
  ],
  replaceOn: ['name'],
  identity: byName,
  outputs: arnOutput('monitoring-schedule'),
  duplicate: {
    code: 'ResourceInUse',
    message: (name) => `A monitoring schedule with the name "${name}" already exists.`,
  },
  refuseCreate: requireWatchedEndpoint,
  refuseUpdate: requireWatchedEndpoint,
  refuseDelete: async (_context, before) => {
    if (before.transition) {
      refuse('ValidationException', `Cannot delete monitoring schedule "${before.id}" while it is Pending.`);
    }
  },
  // Pending until it is made.
  transitional: (_news, oldInputs) => !oldInputs,
  seconds: { create: 0.1, delete: 0.1 },
};

/** A schedule of a data quality definition that watches an endpoint needs that endpoint, with data capture on. */
async function requireWatchedEndpoint(context: CallContext): Promise<void> {
  const { store, scope, inputs } = context;
  const config = object(inputs, 'monitoringScheduleConfig');
  if (text(config, 'monitoringType') !== 'DataQuality') return;
  const definitionName = text(config, 'monitoringJobDefinitionName');
  if (definitionName === '') return;
  const definition = await store.read(placeOf(dataQualityJobDefinition, scope), definitionName);
  if (!definition) refuse('ResourceNotFound', `Could not find data quality job definition "${definitionName}".`);
  const endpointName = at(definition.inputs, `${INPUT}.endpointInput.endpointName`);
  if (typeof endpointName !== 'string') return;
  const watched = await requireEndpoint(context, endpointName);
  const configuration = await store.read(placeOf({ token: CONFIG }, scope), text(watched.inputs, 'endpointConfigName'));
  if (at(configuration?.inputs ?? {}, 'dataCaptureConfig.enableCapture') !== true) {
    refuse('ValidationException', `Data capture is not enabled for endpoint "${endpointName}".`);
  }
}

const GROUP_NAME = 'modelPackageGroupName';
const byGroupName = { kind: 'derived', key: (inputs: Properties) => text(inputs, GROUP_NAME) } as const;

const modelPackageGroup: TypeDefinition = {
  token: 'aws:sagemaker/modelPackageGroup:ModelPackageGroup',
  service,
  title: 'SageMaker AI Model Package Group',
  api: { create: 'CreateModelPackageGroup', update: 'AddTags', delete: 'DeleteModelPackageGroup' },
  nameRule: nameRule(GROUP_NAME),
  rules: [{ path: 'modelPackageGroupDescription', maxLength: 1024 }],
  replaceOn: [GROUP_NAME, 'modelPackageGroupDescription'],
  identity: byGroupName,
  outputs: arnOutput('model-package-group'),
  duplicate: {
    code: 'ValidationException',
    message: (name) => `Model Package Group already exists: ${name}`,
  },
  seconds: { create: 0.1 },
};

const modelPackageGroupPolicy: TypeDefinition = {
  token: 'aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy',
  service,
  title: 'SageMaker AI Model Package Group Policy',
  api: {
    create: 'PutModelPackageGroupPolicy',
    update: 'PutModelPackageGroupPolicy',
    delete: 'DeleteModelPackageGroupPolicy',
  },
  rules: [{ path: 'resourcePolicy', json: true, maxLength: 20_480 }],
  replaceOn: [GROUP_NAME],
  documents: ['resourcePolicy'],
  identity: byGroupName,
  references: [
    {
      property: GROUP_NAME,
      type: modelPackageGroup.token,
      code: 'ValidationException',
      message: (name) => `Could not find model package group "${name}".`,
    },
  ],
  refuseCreate: async ({ inputs }) => requirePolicyDocument(text(inputs, 'resourcePolicy'), 'ValidationException'),
};

export const sagemakerTypes: readonly TypeDefinition[] = [
  model,
  endpointConfiguration,
  endpoint,
  dataQualityJobDefinition,
  monitoringSchedule,
  modelPackageGroup,
  modelPackageGroupPolicy,
];
