/**
 * The contract of every blueprint. A blueprint is the code of one or more pipeline types: what a request may hold (schema),
 * what it becomes (component), what runs in it (handlers), and an example. Everything that depends on the type is a field
 * here, so that the service never asks for a type by name.
 */
import type { ObjectSchema } from 'joi';
import type * as pulumi from '@pulumi/pulumi';
import type { Provider } from '@pulumi/aws';
import type { Need, NeedsPlace } from './needs.ts';

/** The twelve pipeline types of the guide. Custom blueprints add further types: registry.ts has them all. */
export const PIPELINE_TYPES = [
  'byom_realtime_builtin',
  'byom_realtime_custom',
  'byom_batch_builtin',
  'byom_batch_custom',
  'model_training_builtin',
  'model_tuner_builtin',
  'model_autopilot_training',
  'byom_data_quality_monitor',
  'byom_model_quality_monitor',
  'byom_model_bias_monitor',
  'byom_model_explainability_monitor',
  'byom_image_builder',
] as const;

export type PipelineType = (typeof PIPELINE_TYPES)[number];

/** Names of the environments in which a per-stage value may be given. */
export const STAGES = ['dev', 'staging', 'prod'] as const;
export type Stage = (typeof STAGES)[number];

/** Settings of the installation that change what a request must hold. */
export interface SchemaSettings {
  /** `USE_MODEL_REGISTRY`: a model package instead of image and artifact. */
  useModelRegistry: boolean;
  /** Dev, staging and prod accounts instead of one: per-stage objects make sense only then. */
  multiAccount: boolean;
}

/** A validated request: the guide's keys, defaults filled in, both spellings folded into the guide's own (misspelt) keys. */
export type PipelineRequest = Record<string, unknown> & { pipeline_type: string };

/** What a component needs to know about the environment it is deployed to. Plain JSON except for the provider. */
export interface BlueprintContext {
  /** `<prefix>-<model_name>-<postfix>`, lower case. */
  pipelineId: string;
  environment: string;
  accountId: string;
  region: string;
  /** Bucket of the guide's "assets" keys. */
  assetsBucket: string;
  /** Default tags are already on the provider; this is for names and descriptions. */
  tags: Record<string, string>;
  /** Detailed errors in what the inference Lambda answers (`ALLOW_DETAILED_ERROR_MESSAGE`). */
  allowDetailedErrorMessage: boolean;
  /**
   * Number of the revision that last changed what this environment gets: the same for an unchanged request, a new one for a
   * changed request, even where it goes back to what it once was.
   */
  run: number;
  /** SNS topic for state changes of jobs and builds; default: no notifications. */
  notificationsTopicArn?: string;
  /** What containers of models and jobs may read and report besides what the request names; default: nothing. */
  containers?: ContainerAccess;
  /** Set on every role the blueprint makes, where given. */
  permissionsBoundaryArn?: string;
  provider: Provider;
  /** What the blueprint's component is a part of; default: of the stack itself. */
  parent?: pulumi.Resource;
}

/** `CONTAINER_READ_LOCATIONS` and `CONTAINER_METRIC_NAMESPACES`. */
export interface ContainerAccess {
  /** `bucket/prefix` each. */
  readLocations: readonly string[];
  /** Of Amazon CloudWatch. */
  metricNamespaces: readonly string[];
}

/** Runs inside a Pulumi program: makes the component and gives the stack's outputs. */
export type BlueprintProgram = (
  context: BlueprintContext,
  request: PipelineRequest,
) => Record<string, pulumi.Input<unknown>> | Promise<Record<string, pulumi.Input<unknown>>>;

/** A request that an endpoint must answer after a deployment. */
export interface SmokeRequest {
  body: string;
  contentType: string;
  /** Regular expression (flag u) that has to match in the answer; default: any answer. */
  expected?: string;
}

/** A soak time after a deployment, in which no alarm may go into ALARM. */
export interface Soak {
  seconds: number;
  /** Names of CloudWatch alarms in the environment; none: the time alone counts. */
  alarms: readonly string[];
}

/** Kinds of SageMaker jobs that pipelines run. */
export const JOB_KINDS = ['training', 'tuning', 'autopilot', 'transform', 'baseline', 'monitoring'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** The jobs of one kind that a pipeline runs in one environment. */
export interface JobNames {
  kind: JobKind;
  /** Their names; what ends with `*` is what they begin with. For `monitoring`: the name of the schedule. */
  names: readonly string[];
}

/** A resource of a stack as it was last deployed. */
export interface DeployedResource {
  /** Pulumi's type token. */
  type: string;
  /** Physical id. */
  id: string;
  inputs: Readonly<Record<string, unknown>>;
}

/** A change that AWS refuses to make to what is deployed. */
export interface DeployedConflict {
  /** Physical id of the resource. */
  subject: string;
  /** Starts with the pointer of the key, and ends with how to resolve it. */
  message: string;
  /** Replacing the resource, the new one first, does what is asked for: then it is replaced, and nothing is refused. */
  replaceable: boolean;
}

/** What a blueprint's folder defines for one pipeline type. */
export interface BlueprintDefinition {
  /** Lower case letters, digits and `_`: the value of `pipeline_type`. */
  readonly pipelineType: string;
  /** One line for `GET /pipeline-types`. */
  readonly title: string;
  readonly description: string;
  /** Last part of the pipeline id, as the original named its stacks: lower case letters and digits, no other type's. */
  readonly namePostfix: string;
  /** The request key that names the pipeline. */
  readonly nameKey: 'model_name' | 'image_tag';
  /** `environments`: promoted through the accounts. `orchestrator`: always in the orchestrator's own account. */
  readonly placement: 'environments' | 'orchestrator';
  /** Keys whose value may be an object with one entry a stage. */
  readonly perStageKeys: readonly string[];
  /** joi only, all defaults and rules in it; keys that the type does not use are handled outside. */
  schema(settings: SchemaSettings): ObjectSchema<PipelineRequest>;
  /** A request that is valid as it stands (single account, no registry): the guide's own where it has one. */
  readonly example: Record<string, unknown>;
  /**
   * Loads the component's program. Absent: validated, but not yet provisioned (501).
   * Loaded lazily, so that the API process does not import Pulumi's provider SDK.
   */
  readonly loadProgram?: () => Promise<BlueprintProgram>;
  /** A change of these keys runs the job of the type again (`BlueprintContext.run`); default: all keys. */
  readonly runKeys?: readonly string[];
  /** The job that a new run of an unchanged request starts (`POST /pipelines/{id}/run`): `training job`; absent: none. */
  readonly runs?: string;
  /** Where to find the jobs of the type (`GET /pipelines/{id}/jobs`), from the values of one environment. Pure. */
  readonly jobs?: (request: PipelineRequest, pipelineId: string) => JobNames[];
  /** What must exist before the first deployment to an environment, from the values that apply to it. Pure. */
  readonly needs?: (request: PipelineRequest, place: NeedsPlace) => Need[];
  /**
   * What AWS does not do to what is deployed: shown in a preview, and refused before anything is changed. Pure.
   * @param owner the pipeline, ids of the pipelines that monitor its endpoint in the environment, and the id of its endpoint if
   * that is in state `Failed`, so that the deployment deletes it first
   */
  readonly conflicts?: (
    request: PipelineRequest,
    deployed: readonly DeployedResource[],
    owner: { pipelineId: string; environment: string; monitors: readonly string[]; failed?: string },
  ) => DeployedConflict[];
  /** Stack outputs that a caller most wants, in this order. */
  readonly keyOutputs?: readonly string[];
  /** The request key that names the endpoint the pipeline monitors: the endpoint is not deleted before it. */
  readonly watchesEndpoint?: string;
  /**
   * What is valid and probably not meant, one sentence each, for the answer. Pure.
   * @param sent the type's keys of the body as they came, before defaults and conversions
   */
  readonly warnings?: (request: PipelineRequest, sent: Readonly<Record<string, unknown>>) => string[];
  /** The answer to a request that changes a pipeline; default: the original's own words. */
  readonly updateMessage?: (pipelineId: string) => string;
  /** Stack output with the name of the endpoint to verify after a deployment, where the type makes one. */
  readonly endpointOutput?: string;
  /** Stack output with the name of the endpoint configuration that it must serve then; default: `endpointConfigName`. */
  readonly endpointConfigOutput?: string;
  /** The request that the endpoint must answer, from the values of one environment. Pure. */
  readonly smokeRequest?: (request: PipelineRequest) => SmokeRequest | undefined;
  /** How long no alarm may go into ALARM, from the values of one environment and the stack's outputs there. Pure. */
  readonly soak?: (request: PipelineRequest, outputs: Readonly<Record<string, unknown>>) => Soak | undefined;
}

export interface Blueprint extends BlueprintDefinition {
  /** Of the package that it came with: stored with executions, and part of what an approval is bound to. */
  readonly version: string;
}
