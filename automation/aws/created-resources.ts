/**
 * How to find a resource that a killed operation may have created but not recorded, for every type that blueprints use.
 * tests/unit/automation/created-resources.spec.ts walks their list.
 */
import type { Environment } from '../config/environments.ts';

type Inputs = Record<string, unknown>;

/** Types whose id is known from the inputs: the provider's Read checks in the following refresh whether they exist. */
const ID_FROM_INPUTS: Record<string, (inputs: Inputs, environment: Environment) => string | undefined> = {
  'aws:iam/role:Role': (inputs) => text(inputs.name),
  'aws:iam/rolePolicy:RolePolicy': (inputs) => `${text(inputs.role)}:${text(inputs.name)}`,
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': (inputs) => `${text(inputs.role)}/${text(inputs.policyArn)}`,
  'aws:lambda/function:Function': (inputs) => text(inputs.name),
  'aws:lambda/permission:Permission': (inputs) => text(inputs.statementId),
  'aws:cloudwatch/logGroup:LogGroup': (inputs) => text(inputs.name),
  'aws:cloudwatch/eventRule:EventRule': (inputs) => text(inputs.name),
  'aws:cloudwatch/eventTarget:EventTarget': (inputs) => `${text(inputs.rule)}-${text(inputs.targetId)}`,
  'aws:cloudwatch/metricAlarm:MetricAlarm': (inputs) => text(inputs.name),
  'aws:codebuild/project:Project': (inputs) => text(inputs.name),
  'aws:codepipeline/pipeline:Pipeline': (inputs) => text(inputs.name),
  'aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition': (inputs) => text(inputs.name),
  'aws:sagemaker/monitoringSchedule:MonitoringSchedule': (inputs) => text(inputs.name),
  'aws:s3/bucket:Bucket': (inputs) => text(inputs.bucket),
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': (inputs) => text(inputs.bucket),
  'aws:s3/bucketPolicy:BucketPolicy': (inputs) => text(inputs.bucket),
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': (inputs) => text(inputs.bucket),
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': (inputs) =>
    text(inputs.bucket),
  'aws:appautoscaling/target:Target': (inputs) => text(inputs.resourceId),
  'aws:appautoscaling/policy:Policy': (inputs) => text(inputs.name),
  'aws:apigatewayv2/stage:Stage': (inputs) => text(inputs.name),
  'aws:cloudcontrol/resource:Resource': jobDefinitionArn,
};

/** Types with generated ids, or whose existence must be known: looked up by name, or by parent and key. */
const LOOKED_FOR: ReadonlySet<string> = new Set([
  'aws:sagemaker/model:Model',
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration',
  'aws:sagemaker/endpoint:Endpoint',
  'aws:apigatewayv2/api:Api',
  'aws:apigatewayv2/integration:Integration',
  'aws:apigatewayv2/route:Route',
]);

/** Types that can be created twice without duplicates: the called function finds its own job. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['aws:lambda/invocation:Invocation']);

export type Recoverability = 'id from inputs' | 'looked for' | 'idempotent';

/** @returns undefined for a type whose interrupted creation may leave a resource that cannot be found */
export function recoverability(type: string): Recoverability | undefined {
  if (type in ID_FROM_INPUTS) return 'id from inputs';
  if (LOOKED_FOR.has(type)) return 'looked for';
  return IDEMPOTENT.has(type) ? 'idempotent' : undefined;
}

/** @returns the id that the resource has if it was created; undefined if its type requires a look-up in the account */
export function idFromInputs(type: string, inputs: Inputs, environment: Environment): string | undefined {
  return ID_FROM_INPUTS[type]?.(inputs, environment) || undefined;
}

/** Resource type in ARNs by CloudFormation type: the job definitions for which `@pulumi/aws` has no resource. */
const JOB_DEFINITIONS: Record<string, string> = {
  'AWS::SageMaker::ModelQualityJobDefinition': 'model-quality-job-definition',
  'AWS::SageMaker::ModelBiasJobDefinition': 'model-bias-job-definition',
  'AWS::SageMaker::ModelExplainabilityJobDefinition': 'model-explainability-job-definition',
};

/**
 * Cloud Control knows a job definition by its ARN, in which SageMaker writes names in lower case. Account and partition are
 * those of the role that the job takes.
 * @see https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-identifier.html
 */
function jobDefinitionArn(inputs: Inputs, environment: Environment): string | undefined {
  const kind = JOB_DEFINITIONS[text(inputs.typeName)];
  const desired = desiredState(inputs.desiredState);
  const name = text(desired.JobDefinitionName);
  const [, partition, accountId] = /^arn:([a-z-]+):iam::(\d{12}):role\//.exec(text(desired.RoleArn)) ?? [];
  if (!kind || name === '' || !partition) return undefined;
  const region = text(inputs.region) || environment.region;
  return `arn:${partition}:sagemaker:${region}:${accountId}:${kind}/${name.toLowerCase()}`;
}

function desiredState(value: unknown): Inputs {
  try {
    return JSON.parse(text(value)) as Inputs;
  } catch {
    // A state that is not text yet, or masked: nothing can be found by it.
    return {};
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
