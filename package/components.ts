/** The components of the package: each is a blueprint, or two of which the inputs choose one. */
import type { Blueprint, PipelineType } from '../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../blueprints/registry.ts';
import type { JsonSchema } from './names.ts';
import type { SettingName } from './settings.ts';
import { settingsSchema } from './settings.ts';

/** Of the package, and the first part of type tokens. */
export const PACKAGE_NAME = 'mlops';

/** One kind of request that a component can be made from. */
export interface Variant {
  pipelineType: PipelineType;
  useModelRegistry: boolean;
  /** The key that only this variant has, where a component has several. */
  chosenBy?: string;
}

export interface Component {
  /** Last part of the type token. */
  name: string;
  description: string;
  /** The first one whose key is given is used, else the first one. */
  variants: readonly [Variant, ...Variant[]];
  settings: readonly SettingName[];
  /** Name → what it is. `?` behind the name: may be missing; `[]`: a list. All are strings. */
  outputs: Readonly<Record<string, string>>;
}

const JOB_SETTINGS = ['assetsBucket', 'notificationsTopicArn', 'permissionsBoundaryArn', 'run', 'tags'] as const;

function modelOf(kind: 'realtime' | 'batch'): Component['variants'] {
  return [
    { pipelineType: `byom_${kind}_builtin`, useModelRegistry: false, chosenBy: 'model_framework' },
    { pipelineType: `byom_${kind}_custom`, useModelRegistry: false, chosenBy: 'custom_image_uri' },
    { pipelineType: `byom_${kind}_builtin`, useModelRegistry: true, chosenBy: 'model_package_name' },
  ];
}

function only(pipelineType: PipelineType): Component['variants'] {
  return [{ pipelineType, useModelRegistry: false }];
}

const MODEL_SOURCES =
  'The model is one of a SageMaker built-in algorithm (`modelFramework`, `modelFrameworkVersion`, `modelArtifactLocation`), ' +
  'of a container image of your own (`customImageUri`, `modelArtifactLocation`), or a version in the SageMaker Model Registry ' +
  '(`modelPackageName`).';

const JOB_OUTPUTS = {
  jobName: 'Name of the job of the last change.',
  outputLocation: 'Where the job writes its output, `s3://…`.',
  jobRoleArn: 'ARN of the execution role of the job.',
  functionName: 'Name of the Lambda function that starts the job; invoke it with `{}` to run the job once more.',
};

const MONITOR_OUTPUTS = {
  monitoringScheduleName: 'Name of the monitoring schedule.',
  baselineJobName: 'Name of the baseline job of the last change.',
  baselineJobOutput: 'Where the baseline is, `s3://…`.',
  monitoringScheduleOutput: 'Where reports are written, `s3://…`.',
  jobDefinitionName: 'Name of the job definition of the schedule.',
  endpointName: 'Name of the monitored endpoint.',
  baselineFunctionName: 'Name of the Lambda function that starts the baseline job.',
  monitorRoleArn: 'ARN of the execution role of monitoring jobs.',
  dataCaptureLocation: 'Where the captured data of the endpoint is, `s3://…`.',
};

function monitor(name: string, pipelineType: PipelineType, what: string): Component {
  return {
    name,
    description: `${what} Creates a baseline with a SageMaker processing job, and a monitoring schedule that compares with it.`,
    variants: only(pipelineType),
    settings: JOB_SETTINGS,
    outputs: MONITOR_OUTPUTS,
  };
}

export const COMPONENTS: readonly Component[] = [
  {
    name: 'RealtimeInference',
    description: `A SageMaker endpoint with data capture behind an HTTP API that requires signed requests. An update never takes the endpoint down. ${MODEL_SOURCES}`,
    variants: modelOf('realtime'),
    settings: ['assetsBucket', 'permissionsBoundaryArn', 'allowDetailedErrorMessage'],
    outputs: {
      endpointName: 'Name of the endpoint.',
      inferenceUrl: 'Takes `POST` requests with an AWS signature (SigV4, service `execute-api`).',
      modelName: 'Name of the SageMaker model.',
      endpointConfigName: 'Name of the endpoint configuration.',
      executionRoleArn: 'ARN of the execution role of the model.',
      inferenceFunctionName: 'Name of the Lambda function behind the HTTP API.',
      inferenceRoleArn: 'ARN of the role of that function.',
      'dataCaptureLocation?': 'Where captured data of the endpoint is, `s3://…`; none for a serverless endpoint.',
      'alarmNames[]?':
        'Names of the CloudWatch alarms that guard deployments of the endpoint, if the component creates them.',
    },
  },
  {
    name: 'BatchTransform',
    description: `Runs a SageMaker batch transform job for every change of its inputs. ${MODEL_SOURCES}`,
    variants: modelOf('batch'),
    settings: JOB_SETTINGS,
    outputs: {
      jobName: JOB_OUTPUTS.jobName,
      modelName: 'Name of the SageMaker model.',
      outputLocation: JOB_OUTPUTS.outputLocation,
      functionName: JOB_OUTPUTS.functionName,
      executionRoleArn: 'ARN of the execution role of the model.',
    },
  },
  {
    name: 'ModelTraining',
    description: 'Trains a model with a SageMaker built-in algorithm, once for every change of its inputs.',
    variants: only('model_training_builtin'),
    settings: JOB_SETTINGS,
    outputs: JOB_OUTPUTS,
  },
  {
    name: 'HyperparameterTuning',
    description:
      'Searches hyperparameters of a SageMaker built-in algorithm with a tuning job, once for every change of its inputs.',
    variants: only('model_tuner_builtin'),
    settings: JOB_SETTINGS,
    outputs: JOB_OUTPUTS,
  },
  {
    name: 'Autopilot',
    description: 'Finds a model for tabular data with SageMaker Autopilot, once for every change of its inputs.',
    variants: only('model_autopilot_training'),
    settings: JOB_SETTINGS,
    outputs: JOB_OUTPUTS,
  },
  monitor(
    'DataQualityMonitor',
    'byom_data_quality_monitor',
    'Monitors the input data of an endpoint for deviations from a baseline.',
  ),
  monitor(
    'ModelQualityMonitor',
    'byom_model_quality_monitor',
    'Compares the predictions of an endpoint with ground truth.',
  ),
  monitor('ModelBiasMonitor', 'byom_model_bias_monitor', 'Monitors the predictions of an endpoint for bias.'),
  monitor(
    'ModelExplainabilityMonitor',
    'byom_model_explainability_monitor',
    'Monitors which features the predictions of an endpoint are attributed to.',
  ),
  {
    name: 'ImageBuilder',
    description:
      'Builds a container image from a zip file in the assets bucket with CodePipeline and CodeBuild, and pushes it to Amazon ECR.',
    variants: only('byom_image_builder'),
    settings: ['assetsBucket', 'notificationsTopicArn', 'permissionsBoundaryArn'],
    outputs: {
      imageUri: 'URI of the image.',
      pipelineName: 'Name of the CodePipeline pipeline.',
      pipelineUrl: 'Page of the pipeline in the AWS console.',
      projectName: 'Name of the CodeBuild project.',
      buildRoleArn: 'ARN of the role of builds.',
      pipelineRoleArn: 'ARN of the role of the pipeline.',
      startRoleArn: 'ARN of the role that starts the pipeline.',
    },
  },
];

/**
 * Keys of requests that are no inputs: the type is the component's, the rest is what the service does around a deployment
 * (`verification`: checks after it; `follow_model_package_group`: provisions again by itself).
 */
export const SERVICE_KEYS: ReadonlySet<string> = new Set([
  'pipeline_type',
  'verification',
  'follow_model_package_group',
]);

export function blueprintOf({ pipelineType }: Variant): Blueprint {
  return BLUEPRINTS[pipelineType];
}

/** joi's own JSON Schema of a request, one value per key. */
export function variantSchema(variant: Variant): JsonSchema {
  const settings = { useModelRegistry: variant.useModelRegistry, multiAccount: false };
  return jsonSchema(blueprintOf(variant).schema(settings));
}

/** The JSON Schema of all inputs of a component, in the names of requests. */
export function inputSchema(component: Component): JsonSchema {
  const schemas = component.variants.map(variantSchema);
  const settings = jsonSchema(settingsSchema(component.settings));
  const properties: Record<string, JsonSchema> = {};
  for (const [key, property] of schemas.flatMap((schema) => Object.entries(schema.properties ?? {}))) {
    // A key without a type is refused by its variant.
    if (SERVICE_KEYS.has(key) || (property.type === undefined && property.anyOf === undefined)) continue;
    properties[key] ??= property;
  }
  const required = (schemas[0]?.required ?? [])
    .filter((key) => key in properties && schemas.every((schema) => schema.required?.includes(key)))
    // Has a default: the name of the resource.
    .filter((key) => key !== 'model_name');
  return {
    type: 'object',
    properties: { ...properties, ...settings.properties },
    required: [...required, ...(settings.required ?? [])],
  };
}

function jsonSchema(schema: { '~standard': { jsonSchema: { input(options: object): object } } }): JsonSchema {
  return schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
}
