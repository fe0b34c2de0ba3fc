/** Checks on AWS after a deployment: whether the endpoint responds, and whether alarms are in ALARM. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { Environment } from '../config/environments.ts';
import { client } from './aws-client.ts';
import type { Cloud } from './cloud.ts';
import { ANSWER_BYTES } from './cloud.ts';

export const invokeEndpoint: Cloud['invokeEndpoint'] = async (environment, endpointName, request, signal) => {
  const runtime = new SageMakerRuntimeClient(client(environment));
  const { Body = new Uint8Array(), ContentType = '' } = await runtime.send(
    new InvokeEndpointCommand({ EndpointName: endpointName, Body: request.body, ContentType: request.contentType }),
    { abortSignal: signal },
  );
  // A character truncated in the middle becomes a replacement character.
  return { body: new TextDecoder().decode(Body.subarray(0, ANSWER_BYTES)), contentType: ContentType };
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html: at most 100 names */
const NAMES_A_CALL = 100;

export async function alarmsInAlarm(environment: Environment, names: readonly string[]): Promise<string[]> {
  const cloudwatch = new CloudWatchClient(client(environment));
  const inAlarm: string[] = [];
  for (let from = 0; from < names.length; from += NAMES_A_CALL) {
    const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(from, from + NAMES_A_CALL),
        // Without it composite alarms are omitted.
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        StateValue: 'ALARM',
      }),
    );
    inAlarm.push(...[...MetricAlarms, ...CompositeAlarms].flatMap(({ AlarmName }) => AlarmName ?? []));
  }
  return inAlarm;
}
