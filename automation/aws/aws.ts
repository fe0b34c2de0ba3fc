/** The real AWS, accessed with the deployment role of the environment. */
import {
  ApiGatewayV2Client,
  GetApisCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
} from '@aws-sdk/client-apigatewayv2';
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { alarmsInAlarm, invokeEndpoint } from './aws-after-deploy.ts';
import { client } from './aws-client.ts';
import { orAbsent } from './aws-errors.ts';
import { jobs } from './aws-jobs.ts';
import { modelCards } from './aws-model-cards.ts';
import { describeModelPackage } from './aws-model-package.ts';
import { isFenced, writeFence } from './aws-fence.ts';
import { preflight } from './aws-preflight.ts';
import { monitoringScheduleStatus, stopMonitoringSchedule } from './aws-schedules.ts';
import type { Cloud } from './cloud.ts';
import { idFromInputs, recoverability } from './created-resources.ts';

type Inputs = Record<string, unknown>;

export const awsCloud: Cloud = {
  async deleteEndpoint(environment, endpointName) {
    const sagemaker = new SageMakerClient(client(environment));
    await orAbsent(sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpointName })));
  },

  async describeEndpoint(environment, endpointName) {
    const sagemaker = new SageMakerClient(client(environment));
    const found = await orAbsent(sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName })));
    return found
      ? {
          endpointName,
          status: found.EndpointStatus ?? '',
          endpointConfigName: found.EndpointConfigName ?? '',
          ...(found.FailureReason ? { failureReason: found.FailureReason } : {}),
        }
      : undefined;
  },

  async findCreated(environment, type, inputs) {
    if (recoverability(type) === 'id from inputs') return idFromInputs(type, inputs, environment);
    switch (type) {
      case 'aws:sagemaker/model:Model':
      case 'aws:sagemaker/endpointConfiguration:EndpointConfiguration':
      case 'aws:sagemaker/endpoint:Endpoint':
        return await findInSageMaker(new SageMakerClient(client(environment)), type, text(inputs.name));
      case 'aws:apigatewayv2/api:Api':
      case 'aws:apigatewayv2/integration:Integration':
      case 'aws:apigatewayv2/route:Route':
        return await findInApiGateway(new ApiGatewayV2Client(client(environment)), type, inputs);
      default:
        return undefined;
    }
  },

  preflight,
  describeModelPackage,
  invokeEndpoint,
  alarmsInAlarm,
  jobs,
  modelCards,
  monitoringScheduleStatus,
  stopMonitoringSchedule,
  writeFence,
  isFenced,
};

async function findInSageMaker(sagemaker: SageMakerClient, type: string, name: string): Promise<string | undefined> {
  const asked = type.endsWith(':Model')
    ? sagemaker.send(new DescribeModelCommand({ ModelName: name }))
    : type.endsWith(':Endpoint')
      ? sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }))
      : sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }));
  return (await orAbsent<unknown>(asked)) ? name : undefined;
}

/** These have random ids: an API is identified by its (random, so unique) name, its parts by their properties. */
async function findInApiGateway(
  gateway: ApiGatewayV2Client,
  type: string,
  inputs: Inputs,
): Promise<string | undefined> {
  const ApiId = text(inputs.apiId);
  if (type.endsWith(':Api')) {
    for (let NextToken: string | undefined; ;) {
      const page = await gateway.send(new GetApisCommand({ NextToken }));
      const found = page.Items?.find((api) => api.Name === inputs.name);
      if (found || !page.NextToken) return found?.ApiId;
      NextToken = page.NextToken;
    }
  }
  if (type.endsWith(':Route')) {
    const page = await orAbsent(gateway.send(new GetRoutesCommand({ ApiId })));
    return page?.Items?.find((route) => route.RouteKey === inputs.routeKey)?.RouteId;
  }
  const page = await orAbsent(gateway.send(new GetIntegrationsCommand({ ApiId })));
  return page?.Items?.find((integration) => integration.IntegrationUri === inputs.integrationUri)?.IntegrationId;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
