/** Request → component: the stack of a monitor. */
import type { BlueprintContext, BlueprintProgram, PipelineRequest } from '../blueprint.ts';
import { withKeyArn } from '../shared/aws/kms-key.ts';
import { shortName } from '../shared/aws/physical-name.ts';
import { findPlace } from '../shared/aws/place.ts';
import { requestDigest } from '../request/digest.ts';
import type { BaselineDefinition } from './handler.ts';
import { baselineJob } from './baseline-job.ts';
import { COMPONENT_NAME_LIMIT, MONITORING_TYPES, ModelMonitor } from './component.ts';
import { findMonitorImage } from './images.ts';
import type { MonitorRequest } from './monitor-request.ts';
import { NAME_LIMIT, baselineOutput, monitorName, usesClarify } from './monitor-request.ts';
import type { MonitorKind } from './monitor-request.ts';
import { baselineKeys } from './schema.ts';

export function monitorProgram(kind: MonitorKind): BlueprintProgram {
  return async (context, body: PipelineRequest) => {
    const place = await findPlace(context);
    const request = await withKeyArn(body as unknown as MonitorRequest, place, context.provider);
    const image = await findMonitorImage(kind, place, context.provider);
    const baselineName = monitorName(request.endpoint_name, kind, baselineSeed(kind, body, context));
    const output = baselineOutput(request, baselineName);
    const scheduleName = monitorName(request.endpoint_name, kind, context.pipelineId);
    const monitor = new ModelMonitor(
      shortName(context.pipelineId, COMPONENT_NAME_LIMIT),
      {
        place,
        kind,
        request,
        image,
        assetsBucket: context.assetsBucket,
        definition: baselineDefinition(kind, request, context, { image, baselineName, output }),
        baselineOutput: output,
        scheduleName,
        tags: context.tags,
        run: context.run,
        notificationsTopicArn: context.notificationsTopicArn,
        permissionsBoundaryArn: context.permissionsBoundaryArn,
      },
      { provider: context.provider, parent: context.parent },
    );
    const reports = `s3://${request.monitoring_output_location}/${request.endpoint_name}/${scheduleName}/`;
    const captured = `s3://${request.data_capture_location}/${request.endpoint_name}/`;
    return {
      monitoringScheduleName: monitor.scheduleName,
      baselineJobName: monitor.baselineJobName,
      baselineJobOutput: output,
      monitoringScheduleOutput: reports,
      jobDefinitionName: monitor.jobDefinitionName,
      endpointName: request.endpoint_name,
      baselineFunctionName: monitor.baselineFunctionName,
      monitorRoleArn: monitor.monitorRoleArn,
      dataCaptureLocation: captured,
      // The original's output names, for scripts that read them.
      BaselineName: monitor.baselineJobName,
      MonitoringScheduleJobName: monitor.scheduleName,
      MonitoringScheduleType: MONITORING_TYPES[kind],
      BaselineJobOutput: output,
      MonitoringScheduleOutput: reports,
      MonitoredSagemakerEndpoint: request.endpoint_name,
      DataCaptureS3Location: captured,
    };
  };
}

/** Another baseline for every change of what it is made of, even where that goes back to what it once was. */
function baselineSeed(
  kind: MonitorKind,
  request: PipelineRequest,
  { pipelineId, environment, run }: BlueprintContext,
): string {
  const keys = baselineKeys(kind);
  const own = Object.entries(request).filter(([key]) => keys.includes(key));
  return `${pipelineId}.${environment} ${run} ${requestDigest(Object.fromEntries(own))}`;
}

function baselineDefinition(
  kind: MonitorKind,
  request: MonitorRequest,
  { assetsBucket, tags }: BlueprintContext,
  { image, baselineName, output }: { image: string; baselineName: string; output: string },
): BaselineDefinition {
  return {
    baseName: baselineName,
    wholeName: baselineName,
    nameLimit: NAME_LIMIT,
    tags,
    request: { ...baselineJob(kind, request, image, assetsBucket, output) },
    ...(usesClarify(kind)
      ? {
          clarify: {
            kind,
            endpointName: request.endpoint_name,
            data: request.baseline_data,
            output,
            request: {
              assetsBucket,
              instance_type: request.instance_type,
              ...(request.bias_config ? { bias_config: request.bias_config } : {}),
              ...(request.model_predicted_label_config
                ? { model_predicted_label_config: request.model_predicted_label_config }
                : {}),
              ...(request.shap_config ? { shap_config: request.shap_config } : {}),
              ...(request.model_scores === undefined ? {} : { model_scores: request.model_scores }),
            },
            ...(request.kms_key_arn ? { kmsKeyArn: request.kms_key_arn } : {}),
          },
        }
      : {}),
  };
}
