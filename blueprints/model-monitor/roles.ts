/** Permissions of baseline jobs, monitoring jobs and the function that creates the baseline. */
import type * as pulumi from '@pulumi/pulumi';
import { parseEcrImage } from '../shared/aws/ecr-image.ts';
import type { Place } from '../shared/aws/place.ts';
import type { Statement } from '../shared/aws/policies.ts';
import { literal, policy, trustOf } from '../shared/aws/policies.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import { createServiceRole } from '../shared/aws/roles.ts';
import {
  makeJobs,
  pullImage,
  readObjects,
  useKey,
  writeJobLogs,
  writeMetrics,
  writeObjects,
} from '../shared/aws/statements.ts';
import { jobNamePatterns } from '../shared/lambda/job-run.ts';
import type { ModelMonitorArgs } from './args.ts';
import { usesClarify } from './monitor-request.ts';

/** The role of the baseline job: read the data, write the results. */
export function createBaselineRole(
  name: string,
  args: ModelMonitorArgs,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  const { place, request, assetsBucket } = args;
  const config = request.shap_config?.baseline;
  return createServiceRole(
    `${name}-baseline`,
    {
      description: `Baseline jobs of ${name}`,
      trust: trustOf('sagemaker.amazonaws.com', place.accountId),
      policy: policy(
        ...readObjects('Data', place, assetsBucket, [
          request.baseline_data,
          ...(typeof config === 'string' ? [config] : []),
        ]),
        ...(usesClarify(args.kind) ? readLocation('Config', place, request.baseline_job_output_location) : []),
        writeObjects('Baseline', place, request.baseline_job_output_location),
        ...alike(args),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}

/** The role of the schedule's jobs: read what was captured, the baseline and the truth, write reports. */
export function createMonitorRole(
  name: string,
  args: ModelMonitorArgs,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  const { place, request } = args;
  const shapBaseline = request.shap_config?.baseline;
  return createServiceRole(
    `${name}-monitor`,
    {
      description: `Monitoring jobs of ${name}`,
      trust: trustOf('sagemaker.amazonaws.com', place.accountId),
      policy: policy(
        ...readLocation('Captured', place, request.data_capture_location),
        ...readLocation('Baseline', place, request.baseline_job_output_location),
        ...(request.monitor_ground_truth_input ? readLocation('Truth', place, request.monitor_ground_truth_input) : []),
        ...(typeof shapBaseline === 'string' ? readObjects('Rows', place, args.assetsBucket, [shapBaseline]) : []),
        writeObjects('Reports', place, request.monitoring_output_location),
        {
          Sid: 'LookAtEndpoint',
          Effect: 'Allow',
          Action: 'sagemaker:DescribeEndpoint',
          Resource: sageMaker(place, `endpoint/${request.endpoint_name}`),
        },
        ...alike(args),
      ),
      permissionsBoundaryArn: args.permissionsBoundaryArn,
    },
    options,
  );
}

/** What the function may do: make baseline jobs, and for Clarify read the header and write the configuration. */
export function functionStatements(args: ModelMonitorArgs, roleArn: string): Statement[] {
  const { place, request, definition } = args;
  const names = jobNamePatterns(definition);
  return [
    ...makeJobs(place, { kind: 'processing-job', operation: 'ProcessingJob', names }, roleArn),
    ...(usesClarify(args.kind)
      ? [
          ...readObjects('Data', place, args.assetsBucket, [request.baseline_data]),
          writeObjects('Config', place, request.baseline_job_output_location),
          {
            Sid: 'FindModel',
            Effect: 'Allow' as const,
            Action: ['sagemaker:DescribeEndpoint', 'sagemaker:DescribeEndpointConfig'],
            // Only the endpoint knows its configuration, and another one tomorrow.
            Resource: [sageMaker(place, `endpoint/${request.endpoint_name}`), sageMaker(place, 'endpoint-config/*')],
          },
          ...(request.kms_key_arn
            ? [
                {
                  Sid: 'UseKey',
                  Effect: 'Allow' as const,
                  Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
                  Resource: request.kms_key_arn,
                },
              ]
            : []),
        ]
      : []),
  ];
}

/** What both kinds of jobs need. */
function alike({ place, image, kind, request }: ModelMonitorArgs): Statement[] {
  const ecr = parseEcrImage(image);
  return [
    ...(ecr ? pullImage(`arn:${place.partition}:ecr:${ecr.region}:${ecr.accountId}:repository/${ecr.repository}`) : []),
    // SageMaker names the jobs of schedules itself.
    writeJobLogs(place, 'ProcessingJobs', ['*']),
    writeMetrics(
      '/aws/sagemaker/ProcessingJobs',
      'AWS/SageMaker',
      ...NAMESPACES.map((one) => `${one}/${METRICS[kind]}`),
    ),
    ...(usesClarify(kind) ? askShadowEndpoint(place) : []),
    ...(request.kms_key_arn ? useKey(request.kms_key_arn) : []),
  ];
}

/**
 * What the namespaces that the analyzers publish to begin with: the guide's pages differ.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-cloudwatch.html
 */
const NAMESPACES = ['', '/'].flatMap((slash) => ['Endpoint', 'Endpoints'].map((one) => `${slash}aws/sagemaker/${one}`));

/** Last part of these namespaces. */
const METRICS: Record<ModelMonitorArgs['kind'], string> = {
  data_quality: 'data-metrics',
  model_quality: 'model-metrics',
  model_bias: 'bias-metrics',
  model_explainability: 'explainability-metrics',
};

/**
 * Clarify invokes the model through a temporary endpoint, which it creates and deletes.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-run.html
 */
function askShadowEndpoint(place: Place): Statement[] {
  return [
    {
      Sid: 'AskShadowEndpoint',
      Effect: 'Allow',
      Action: [
        'sagemaker:CreateEndpoint',
        'sagemaker:CreateEndpointConfig',
        'sagemaker:DeleteEndpoint',
        'sagemaker:DeleteEndpointConfig',
        'sagemaker:DescribeEndpoint',
        'sagemaker:DescribeEndpointConfig',
        'sagemaker:InvokeEndpoint',
        'sagemaker:AddTags',
      ],
      Resource: [sageMaker(place, 'endpoint/sm-clarify-*'), sageMaker(place, 'endpoint-config/sm-clarify-config*')],
    },
    // Only the endpoint knows its model, and another one tomorrow.
    { Sid: 'LookAtModel', Effect: 'Allow', Action: 'sagemaker:DescribeModel', Resource: sageMaker(place, 'model/*') },
    {
      Sid: 'ServeModel',
      Effect: 'Allow',
      Action: 'sagemaker:CreateEndpointConfig',
      Resource: sageMaker(place, 'model/*'),
    },
  ];
}

/** Reads below a place, `bucket/prefix`. */
function readLocation(sid: string, place: Place, location: string): Statement[] {
  const [bucket = '', ...prefix] = location.split('/');
  const below = prefix.length === 0 ? '' : `${prefix.join('/')}/`;
  const bucketArn = `arn:${place.partition}:s3:::${bucket}`;
  return [
    { Sid: `Read${sid}`, Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/${literal(below)}*` },
    {
      Sid: `List${sid}`,
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': `${literal(below.replace(/\/$/, ''))}*` } },
    },
  ];
}

function sageMaker({ partition, region, accountId }: Place, resource: string): string {
  return `arn:${partition}:sagemaker:${region}:${accountId}:${resource}`;
}
