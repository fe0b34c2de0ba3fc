/** Inputs of the provider's resources → the AWS request that they become: the same names in another case, except for these. */
import type { Shape, Shapes } from './shape-check.ts';

export interface ProviderCall {
  service: string;
  /** Shape of the operation's input. */
  shape: string;
  /** The provider's name → AWS' name, at any depth. */
  renamed?: Record<string, string>;
  /** Of which the provider has one where AWS has a list. */
  single?: readonly string[];
  /** What goes into another call, or stays with the provider. */
  elsewhere?: readonly string[];
}

const TAGS = ['tags', 'tagsAll', 'region'];

export const PROVIDER_CALLS: Readonly<Record<string, ProviderCall>> = {
  'aws:sagemaker/model:Model': { service: 'sagemaker', shape: 'CreateModelInput', renamed: { name: 'ModelName' } },
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration': {
    service: 'sagemaker',
    shape: 'CreateEndpointConfigInput',
    renamed: { name: 'EndpointConfigName', kmsKeyArn: 'KmsKeyId' },
  },
  'aws:sagemaker/endpoint:Endpoint': {
    service: 'sagemaker',
    shape: 'CreateEndpointInput',
    renamed: { name: 'EndpointName' },
  },
  'aws:sagemaker/monitoringSchedule:MonitoringSchedule': {
    service: 'sagemaker',
    shape: 'CreateMonitoringScheduleRequest',
    renamed: { name: 'MonitoringScheduleName' },
  },
  'aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition': {
    service: 'sagemaker',
    shape: 'CreateDataQualityJobDefinitionRequest',
    // The provider has one output, and makes the list of it.
    renamed: { name: 'JobDefinitionName' },
    single: ['monitoringOutputs'],
  },
  'aws:lambda/function:Function': {
    service: 'lambda',
    shape: 'CreateFunctionRequest',
    renamed: { name: 'FunctionName' },
    elsewhere: ['code', 'sourceCodeHash', 'reservedConcurrentExecutions'],
  },
  'aws:appautoscaling/target:Target': { service: 'application-autoscaling', shape: 'RegisterScalableTargetRequest' },
  'aws:appautoscaling/policy:Policy': {
    service: 'application-autoscaling',
    shape: 'PutScalingPolicyRequest',
    renamed: { name: 'PolicyName' },
  },
  'aws:cloudwatch/eventRule:EventRule': { service: 'events', shape: 'PutRuleRequest' },
  'aws:cloudwatch/eventTarget:EventTarget': {
    service: 'events',
    shape: 'Target',
    renamed: { targetId: 'Id', inputPaths: 'InputPathsMap' },
    elsewhere: ['rule'],
  },
  'aws:codebuild/project:Project': {
    service: 'codebuild',
    shape: 'CreateProjectInput',
    renamed: { buildTimeout: 'timeoutInMinutes', queuedTimeout: 'queuedTimeoutInMinutes' },
  },
  'aws:apigatewayv2/api:Api': { service: 'apigatewayv2', shape: 'CreateApiRequest' },
  'aws:iam/role:Role': {
    service: 'iam',
    shape: 'CreateRoleRequest',
    renamed: { name: 'RoleName', assumeRolePolicy: 'AssumeRolePolicyDocument' },
    elsewhere: ['forceDetachPolicies'],
  },
};

/** Members that AWS wants and the provider sends by itself: the function's archive, the defaults of a log and of paths in containers. */
export const BY_PROVIDER =
  /^[^.]+\.Code: is required$|\.cloudWatchLogs\.status: is required$|\.LocalPath: is required$/;

/** @returns the request of the call; names that AWS does not know are left as they are, for the check to find */
export function requestOf(model: Shapes, call: ProviderCall, inputs: Record<string, unknown>): unknown {
  const own = Object.entries(inputs).filter(([key]) => !TAGS.includes(key) && !call.elsewhere?.includes(key));
  return renamed(model, call, model.shapes[call.shape], Object.fromEntries(own));
}

function renamed(model: Shapes, call: ProviderCall, shape: Shape | undefined, value: unknown): unknown {
  if (shape?.type === 'list' && Array.isArray(value)) {
    return value.map((one) => renamed(model, call, model.shapes[shape.member?.shape ?? ''], one));
  }
  if (shape?.type !== 'structure' || typeof value !== 'object' || value === null) return value;
  const members = Object.keys(shape.members ?? {});
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => {
        const known = (wanted: string) => members.find((member) => member.toLowerCase() === wanted.toLowerCase());
        const name = known(key) ?? known(call.renamed?.[key] ?? '') ?? key;
        const given: unknown = call.single?.includes(key) ? [one] : one;
        return [name, renamed(model, call, model.shapes[shape.members?.[name]?.shape ?? ''], given)];
      }),
  );
}
