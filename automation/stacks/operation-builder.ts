/** From a stage of an execution to the operation on a stack that it stands for, in plain JSON. */
import type { Blueprint, PipelineRequest, Soak } from '../../blueprints/blueprint.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import { requestDigest } from '../../blueprints/request/digest.ts';
import { PIPELINE_TAG } from '../aws/job-calls.ts';
import type { Config } from '../config/config.ts';
import type { Environment, EnvironmentName } from '../config/environments.ts';
import type { EngineInUse } from '../engine/installed-engine.ts';
import { OrchestratorError } from '../errors.ts';
import type { ExecutionKind, RequestedChange } from '../model.ts';
import { monitorsOf } from '../pipelines/monitors.ts';
import type { Pipelines } from '../pipelines/pipelines.ts';
import { requestDifferences } from '../pipelines/request-differences.ts';
import type { DeployedStacks } from './deployed-stacks.ts';
import type { ApprovedChange } from './approved-change.ts';
import type { StackAction, StackOperation } from './operation.ts';
import { stackKey, stackNames } from './operation.ts';

/** Whose stack, and at which revision. */
export interface Subject {
  pipelineId: string;
  pipelineType: string;
  /** Of that type, found where the request or the workflow step began; undefined: it is no longer configured. */
  blueprint: Blueprint | undefined;
  revision: number;
  /** The deployment that asks; absent: one that would be the next. */
  executionId?: string;
  kind?: ExecutionKind;
  /** The request where it is not stored (yet). */
  request?: PipelineRequest;
}

export interface OperationOptions {
  /** A predecessor died over the stack. */
  recover?: boolean;
  approved?: ApprovedChange;
  /** The endpoint may be neither replaced nor removed. */
  isProtected?: boolean;
}

export class OperationBuilder {
  readonly #config: Config;
  readonly #engine: EngineInUse;
  readonly #pipelines: Pipelines;
  readonly #deployed: Pick<DeployedStacks, 'find'>;

  constructor(config: Config, pipelines: Pipelines, engine: EngineInUse, deployed: Pick<DeployedStacks, 'find'>) {
    this.#config = config;
    this.#engine = engine;
    this.#pipelines = pipelines;
    this.#deployed = deployed;
  }

  /** @throws OrchestratorError `PIPELINE_TYPE_NOT_AVAILABLE` if the action needs a blueprint that is not, or no longer, configured */
  async build(
    subject: Subject,
    environmentName: EnvironmentName | undefined,
    action: StackAction,
    { recover = false, approved, isProtected = false }: OperationOptions = {},
  ): Promise<StackOperation> {
    const { pipelineId, revision, executionId, blueprint } = subject;
    const environment = this.environment(environmentName);
    const request = subject.request ?? (await this.#pipelines.request(pipelineId, revision));
    if (!blueprint && (action === 'up' || action === 'preview')) throw unavailable(subject.pipelineType);
    const names = stackNames(subject.pipelineType, pipelineId, environment.name);
    const deployed = await this.#deployed.find(stackKey(names));
    const changes = action === 'up' || action === 'preview';
    const monitors = changes && deployed ? await monitorsOf(this.#pipelines, subject, environment.name) : [];
    const monitorIds = monitors.map((monitor) => monitor.pipelineId);
    return {
      action,
      ...names,
      ...(deployed ? { deployed: { time: deployed.time, resources: deployed.resources.length } } : {}),
      pipelineId,
      pipelineType: subject.pipelineType,
      revision,
      run: blueprint ? await this.#run(blueprint, subject, request, environment.name) : 0,
      environment,
      // Without a blueprint only the state counts.
      request: blueprint ? stageValues(blueprint, request, environment.name) : request,
      message: [`${action} revision ${revision}`, ...(executionId ? [`execution ${executionId}`] : [])].join(', '),
      tags: {
        [PIPELINE_TAG]: pipelineId,
        'mlops:pipeline-type': subject.pipelineType,
        ...(blueprint ? { 'mlops:model-name': String(request[blueprint.nameKey]) } : {}),
        'mlops:environment': environment.name,
      },
      allowDetailedErrorMessage: this.#config.blueprints.allowDetailedErrorMessage,
      allowUnapprovedModelPackages: this.#config.blueprints.allowUnapprovedModelPackages,
      notificationsTopicArn: this.#config.blueprints.notificationsTopicArn,
      containers: this.#config.blueprints.containers,
      engine: await this.#engine.settings(),
      blueprintVersion: blueprint ? blueprint.version : '',
      ...(approved ? { approved } : {}),
      ...(isProtected ? { protected: true } : {}),
      ...(monitorIds.length > 0 ? { monitors: monitorIds } : {}),
      ...(subject.kind === 'reconcile' ? { refresh: true } : {}),
      recover,
    };
  }

  async isProtected(pipelineId: string): Promise<boolean> {
    return (await this.#pipelines.protectedBy(pipelineId)) !== undefined;
  }

  /** The request of a revision for an environment, against the one that is deployed there. */
  async requested(subject: Subject, environment: EnvironmentName): Promise<RequestedChange> {
    const { pipelineId, blueprint, revision, kind } = subject;
    const valuesOf = async (one: number) => {
      const request = await this.#pipelines.request(pipelineId, one);
      return blueprint ? stageValues(blueprint, request, environment) : request;
    };
    const deployed = (await this.#pipelines.deployedStages(pipelineId)).find((one) => one.environment === environment);
    const before = deployed ? await valuesOf(deployed.revision) : {};
    const after = kind === 'destroy' ? undefined : await valuesOf(revision);
    return {
      revision,
      ...(after ? { request: after } : {}),
      ...(deployed ? { deployedRevision: deployed.revision } : {}),
      differences: requestDifferences(before, after ?? {}),
    };
  }

  /** Soak time after a deployment and the alarms to watch; undefined: none. */
  async soak(
    { pipelineId, blueprint, revision }: Subject,
    environment: EnvironmentName,
    outputs: Readonly<Record<string, unknown>>,
  ): Promise<Soak | undefined> {
    if (!blueprint?.soak) return undefined;
    const request = await this.#pipelines.request(pipelineId, revision);
    return blueprint.soak(stageValues(blueprint, request, environment), outputs);
  }

  environment(name: EnvironmentName = 'main'): Environment {
    const environment = this.#config.environments[name];
    if (!environment) {
      throw new OrchestratorError(
        'ENVIRONMENT_NOT_CONFIGURED',
        `Environment ${name}, which this pipeline is deployed to, is not configured. Set MULTI_ACCOUNT=Yes and ${name.toUpperCase()}_ACCOUNT_ID again.`,
      );
    }
    return environment;
  }

  /** The number of the deployment in which what this environment gets last changed. */
  async #run(
    blueprint: Blueprint,
    { pipelineId, executionId }: Subject,
    request: PipelineRequest,
    environment: EnvironmentName,
  ): Promise<number> {
    const view = (one: PipelineRequest) => requestDigest(runValues(blueprint, one, environment));
    return await this.#pipelines.changedIn(pipelineId, executionId, view, view(request));
  }
}

/** The values of a request that decide whether the job of its type is run again. */
function runValues(blueprint: Blueprint, request: PipelineRequest, environment: string): Record<string, unknown> {
  const values = Object.entries(stageValues(blueprint, request, environment));
  const { runKeys } = blueprint;
  return Object.fromEntries(runKeys ? values.filter(([key]) => runKeys.includes(key)) : values);
}

function unavailable(pipelineType: string): OrchestratorError {
  return new OrchestratorError(
    'PIPELINE_TYPE_NOT_AVAILABLE',
    `There is no longer a blueprint for ${pipelineType}: its pipelines can be deleted, but not deployed. Configure the blueprint again.`,
  );
}
