/** SageMaker's control plane as the handlers see it: AWS JSON 1.1, one operation a request. */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { objects, text } from '../properties.ts';
import type { StoredResource } from '../store.ts';
import { placeOf, statusOf } from '../store.ts';
import { JOB_KINDS } from './job-kinds.ts';
import type { Account } from './jobs.ts';
import { createJob, describeJob, tagsOf } from './jobs.ts';

/** @throws AwsRefusal, also for an operation that the sandbox does not have */
export async function callSageMaker(operation: string, request: Properties, account: Account): Promise<Properties> {
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
