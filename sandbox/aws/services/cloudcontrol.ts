/**
 * Cloud Control: types that the AWS provider has no resource for, described by a JSON of their CloudFormation properties.
 * @see https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/what-is-cloudcontrolapi.html
 */
import type { Properties, Property } from '../../provider.ts';
import { requireValidDesiredState } from '../api-rules.ts';
import { refuse } from '../aws-errors.ts';
import { arn } from '../partitions.ts';
import type { Scope } from '../partitions.ts';
import { isAbsent, isObject, text } from '../properties.ts';
import { requireRole } from '../references.ts';
import type { CallContext, TypeDefinition } from '../resource-type.ts';
import { idOf } from '../identifiers.ts';

interface CloudType {
  /** Before the name in the ARN. */
  readonly folder: string;
  readonly required: readonly string[];
  /** Everything that is taken; AWS refuses other keys. */
  readonly properties: readonly string[];
}

const COMMON = ['JobResources', 'RoleArn'];
const OPTIONAL = ['JobDefinitionName', 'NetworkConfig', 'StoppingCondition', 'Tags', 'EndpointName'];

const jobDefinition = (kind: string, folder: string): CloudType => {
  const required = [`${kind}AppSpecification`, `${kind}JobInput`, `${kind}JobOutputConfig`, ...COMMON];
  return { folder, required, properties: [...required, `${kind}BaselineConfig`, ...OPTIONAL] };
};

const TYPES: Readonly<Record<string, CloudType>> = {
  'AWS::SageMaker::DataQualityJobDefinition': jobDefinition('DataQuality', 'data-quality-job-definition'),
  'AWS::SageMaker::ModelBiasJobDefinition': jobDefinition('ModelBias', 'model-bias-job-definition'),
  'AWS::SageMaker::ModelExplainabilityJobDefinition': jobDefinition(
    'ModelExplainability',
    'model-explainability-job-definition',
  ),
  'AWS::SageMaker::ModelQualityJobDefinition': jobDefinition('ModelQuality', 'model-quality-job-definition'),
};

const NAME_PATTERN = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

function desiredState(inputs: Properties): Properties {
  try {
    const parsed = JSON.parse(text(inputs, 'desiredState')) as Property;
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** The name given, or the one that the handler would generate. */
function nameOf(inputs: Properties): string {
  const given = text(desiredState(inputs), 'JobDefinitionName');
  return given || `${text(inputs, 'typeName').split('::').at(-1) ?? ''}-${idOf(12, text(inputs, 'desiredState'))}`;
}

function primaryId(inputs: Properties, scope: Scope): string {
  const folder = TYPES[text(inputs, 'typeName')]?.folder ?? 'resource';
  return arn(scope, 'sagemaker', `${folder}/${nameOf(inputs).toLowerCase()}`);
}

/** The live model: what was desired, and what AWS adds. `EndpointName` is write-only. */
function liveModel(inputs: Properties, id: string): string {
  const { EndpointName: _writeOnly, ...desired } = desiredState(inputs);
  const added = { JobDefinitionName: nameOf(inputs), JobDefinitionArn: id, CreationTime: new Date().toISOString() };
  return JSON.stringify({ ...desired, ...added });
}

const resource: TypeDefinition = {
  token: 'aws:cloudcontrol/resource:Resource',
  service: { folder: 'cloudcontrol', sdkId: 'CloudControl' },
  title: 'Cloud Control API Resource',
  api: { create: 'CreateResource', update: 'UpdateResource', delete: 'DeleteResource' },
  rules: [
    { path: 'typeName', pattern: /^[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}$/ },
    { path: 'desiredState', json: true, maxLength: 262_144 },
  ],
  // All properties of the job definitions are create-only, tags included.
  replaceOn: ['typeName', 'desiredState'],
  documents: ['desiredState'],
  identity: { kind: 'derived', key: primaryId },
  outputs: (inputs, id) => ({ properties: liveModel(inputs, id) }),
  duplicate: {
    code: 'AlreadyExistsException',
    message: (name) => `Resource of type '${name}' with this identifier already exists.`,
  },
  refuseCreate: requireDesiredState,
  seconds: { create: 0.1, delete: 0.1 },
};

async function requireDesiredState(context: CallContext): Promise<void> {
  const typeName = text(context.inputs, 'typeName');
  const type = TYPES[typeName];
  if (!type) {
    refuse(
      'TypeNotFoundException',
      `The sandbox does not simulate the type '${typeName}'. It simulates: ${Object.keys(TYPES).join(', ')}.`,
    );
  }
  const desired = desiredState(context.inputs);
  const invalid = (message: string): never => refuse('InvalidRequestException', `Model validation failed (${message})`);
  for (const key of type.required) {
    if (isAbsent(desired[key])) invalid(`#: required key [${key}] not found`);
  }
  for (const key of Object.keys(desired)) {
    if (!type.properties.includes(key)) invalid(`#: extraneous key [${key}] is not permitted`);
  }
  const name = text(desired, 'JobDefinitionName');
  if (name !== '' && !NAME_PATTERN.test(name)) {
    invalid(`#/JobDefinitionName: failed validation constraint for keyword [pattern]`);
  }
  requireValidDesiredState(`Create${typeName.split('::').at(-1) ?? ''}`, desired);
  await requireRole(context, text(desired, 'RoleArn'), 'sagemaker.amazonaws.com', {
    code: 'InvalidRequestException',
    message: `Could not assume role ${text(desired, 'RoleArn')}.`,
  });
}

export const cloudcontrolTypes: readonly TypeDefinition[] = [resource];
