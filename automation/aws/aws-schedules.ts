/** Monitoring schedules on AWS. */
import {
  DescribeMonitoringScheduleCommand,
  SageMakerClient,
  StopMonitoringScheduleCommand,
} from '@aws-sdk/client-sagemaker';
import { client } from './aws-client.ts';
import { orAbsent } from './aws-errors.ts';
import type { Cloud } from './cloud.ts';

export const monitoringScheduleStatus: Cloud['monitoringScheduleStatus'] = async (environment, name) => {
  const sagemaker = new SageMakerClient(client(environment));
  const found = await orAbsent(sagemaker.send(new DescribeMonitoringScheduleCommand({ MonitoringScheduleName: name })));
  return found?.MonitoringScheduleStatus;
};

export const stopMonitoringSchedule: Cloud['stopMonitoringSchedule'] = async (environment, name) => {
  const sagemaker = new SageMakerClient(client(environment));
  await orAbsent(sagemaker.send(new StopMonitoringScheduleCommand({ MonitoringScheduleName: name })));
};
