/** Prerequisites of a monitor: the data of its baseline, and the locations it reads and writes. */
import type { PipelineRequest } from '../blueprint.ts';
import type { Need, NeedsPlace } from '../needs.ts';
import { bucketNeed, dataNeed, instancesNeed, keyNeeds } from '../needs.ts';
import type { MonitorRequest } from './monitor-request.ts';

export function monitorNeeds(body: PipelineRequest, { assetsBucket }: NeedsPlace): Need[] {
  const request = body as unknown as MonitorRequest;
  const { baseline_job_output_location, data_capture_location, monitoring_output_location } = request;
  const { monitor_ground_truth_input } = request;
  const places = {
    baseline_job_output_location,
    data_capture_location,
    monitoring_output_location,
    ...(monitor_ground_truth_input ? { monitor_ground_truth_input } : {}),
  };
  return [
    { kind: 'model-monitor', pointer: '/pipeline_type' },
    dataNeed('baseline_data', `${assetsBucket}/${request.baseline_data}`),
    ...Object.entries(places).map(([key, location]) => bucketNeed(key, location)),
    ...keyNeeds('kms_key_arn', request.kms_key_arn),
    instancesNeed('instance_type', request.instance_type, 'processing job'),
  ];
}
