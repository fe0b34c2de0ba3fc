/** SageMaker's control plane as the handlers see it: AWS JSON 1.1, one operation a request. */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { arn } from '../partitions.ts';
import { requireAccess } from '../permissions.ts';
import { at, objects, text } from '../properties.ts';
import type { StoredResource } from '../store.ts';
import { placeOf, statusOf } from '../store.ts';
import { JOB_KINDS } from './job-kinds.ts';
import type { Account } from './jobs.ts';
import { createJob, describeJob, tagsOf } from './jobs.ts';

/** @throws AwsRefusal, also for an operation that the sandbox does not have */
export async function callSageMaker(operation: string, request: Properties, account: Account): Promise<Properties> {
  await requireCallAllowed(operation, request, account);
  const kind = JOB_KINDS.find((one) => operation.replace(/^(Create|Describe)/, '') === one.operation);
  if (kind) {
    return operation.startsWith('Create')
      ? await createJob(kind, request, account)
      : await describeJob(kind, request, account);
  }
  switch (operation) {
    case 'ListTags':
      return { Tags: await tagsOf(JOB_KINDS, text(request, 'ResourceArn'), account) };
    case 'DescribeEndpoint':
      return describeEndpoint(await deployed('endpoint', 'Endpoint', text(request, 'EndpointName'), account));
    case 'DescribeEndpointConfig':
      return describeEndpointConfig(
        await deployed('endpointConfiguration', 'EndpointConfiguration', text(request, 'EndpointConfigName'), account),
      );
    default:
      return refuse('UnknownOperationException', `The sandbox AWS does not simulate sagemaker:${operation}.`);
  }
}

/** What the role of the calling function needs for the call, and to hand a role to the job. */
async function requireCallAllowed(operation: string, request: Properties, account: Account): Promise<void> {
  const { scope, callerRoleArn } = account;
  if (callerRoleArn === undefined) return;
  const kind = JOB_KINDS.find((one) => operation.replace(/^(Create|Describe)/, '') === one.operation);
  const [, named, folder] = RESOURCES.find(([name]) => name === operation) ?? [];
  const resource = kind
    ? arn(scope, 'sagemaker', `${kind.arnKind}/${text(request, kind.name).toLowerCase()}`)
    : folder
      ? arn(scope, 'sagemaker', `${folder}/${text(request, named ?? '').toLowerCase()}`)
      : text(request, 'ResourceArn');
  const passed = kind?.role && operation.startsWith('Create') ? at(request, kind.role) : undefined;
  await requireAccess(
    callerRoleArn,
    [
      { action: `sagemaker:${operation}`, resource },
      ...(typeof passed === 'string'
        ? [
            {
              action: 'iam:PassRole',
              resource: passed,
              context: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
            },
          ]
        : []),
    ],
    account,
  );
}

const RESOURCES = [
  ['DescribeEndpoint', 'EndpointName', 'endpoint'],
  ['DescribeEndpointConfig', 'EndpointConfigName', 'endpoint-config'],
] as const;

async function deployed(module: string, type: string, name: string, account: Account): Promise<StoredResource> {
  const place = placeOf({ token: `aws:sagemaker/${module}:${type}` }, account.scope);
  const found = await account.store.read(place, name);
  return found ?? refuse('ValidationException', `Could not find ${type.toLowerCase()} "${name}".`);
}

function describeEndpoint(endpoint: StoredResource): Properties {
  return {
    EndpointName: endpoint.id,
    EndpointArn: text(endpoint.outputs, 'arn'),
    EndpointConfigName: text(endpoint.inputs, 'endpointConfigName'),
    EndpointStatus: statusOf(endpoint),
  };
}

function describeEndpointConfig(config: StoredResource): Properties {
  return {
    EndpointConfigName: config.id,
    EndpointConfigArn: text(config.outputs, 'arn'),
    ProductionVariants: objects(config.inputs, 'productionVariants').map((variant) => ({
      VariantName: text(variant, 'variantName'),
      ModelName: text(variant, 'modelName'),
    })),
  };
}
