/** From a request to an execution: validation, previews, acceptance, rollback. Used by the HTTP API and for pushed files. */
import { STAGES } from '../../blueprints/blueprint.ts';
import type { Blueprint } from '../../blueprints/blueprint.ts';
import { RequestInvalid } from '../../blueprints/faults.ts';
import { findBlueprint } from '../../blueprints/registry.ts';
import type { ValidRequest } from '../../blueprints/request/request.ts';
import { validateRequest } from '../../blueprints/request/request.ts';
import type { Cloud } from '../aws/cloud.ts';
import type { Config } from '../config/config.ts';
import type { EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { PreviewAnswer, ExecutionAnswer, RequestOrigin, ValidationAnswer } from '../model.ts';
import type { Previews } from '../stacks/previews.ts';
import type { ReadCall } from '../stacks/read-limits.ts';
import { assertPackageUsable } from './model-package-approval.ts';
import { captureWarnings } from './monitors.ts';
import type { Accepted, Pipelines } from './pipelines.ts';
import { protectionStands, takeProtection } from './protection.ts';

export interface ProvisioningDependencies {
  config: Config;
  pipelines: Pipelines;
  previews: Previews;
  cloud: Cloud;
  /** Has an accepted execution queued; it is stored already. */
  dispatchSoon: (pipelineId: string) => void;
}

/** What a request amounts to, and the answer to it. */
export interface Submitted {
  outcome: Accepted['outcome'];
  answer: ExecutionAnswer;
}

export class Provisioning {
  readonly #parts: ProvisioningDependencies;

  constructor(parts: ProvisioningDependencies) {
    this.#parts = parts;
  }

  /** @param origin of what was pushed to a repository */
  async provision(body: unknown, caller: string, origin?: RequestOrigin): Promise<ExecutionAnswer> {
    return (await this.submit(body, caller, origin)).answer;
  }

  /** The same, with what the request amounts to: the answer to one that is unchanged may have the execution in progress. */
  async submit(body: unknown, caller: string, origin?: RequestOrigin): Promise<Submitted> {
    const { request, protection } = takeProtection(body);
    const valid = this.#valid(request);
    this.#mustBeProvisionable(valid.blueprint);
    await this.#mustBeUsable(valid);
    if (protection === false) await this.#mustNotBeProtected(valid.pipelineId);
    const accepted = await this.#parts.pipelines.accept(valid, this.environmentsOf(valid.blueprint), caller, {
      ...(origin ? { origin } : {}),
      protect: protection === true,
    });
    const answer = this.#dispatched(accepted, provisionMessage(valid, accepted.outcome));
    // Nothing watches the endpoint of a pipeline that was not deployed.
    const warnings = accepted.outcome === 'created' ? warningsIn(valid.warnings) : await this.#warnings(valid);
    return { outcome: accepted.outcome, answer: { ...answer, ...warnings } };
  }

  async validate(body: unknown): Promise<ValidationAnswer> {
    const valid = this.#valid(takeProtection(body).request);
    return {
      message: 'The request is valid. Nothing was provisioned.',
      pipelineId: valid.pipelineId,
      pipelineType: valid.blueprint.pipelineType,
      request: valid.request,
      ...(await this.#warnings(valid)),
    };
  }

  async preview(body: unknown, read: ReadCall): Promise<PreviewAnswer> {
    const valid = this.#valid(takeProtection(body).request);
    this.#mustBeProvisionable(valid.blueprint);
    const { pipelineId, request, blueprint } = valid;
    const subject = { pipelineId, pipelineType: blueprint.pipelineType, blueprint, revision: 0, request };
    const { previews } = this.#parts;
    const environments = await previews.all(this.environmentsOf(blueprint), read, (environment, signal) =>
      previews.preview(subject, environment, signal),
    );
    return {
      message: 'Nothing was changed. This is what provisioning would do.',
      pipelineId,
      ...(await this.#warnings(valid)),
      environments,
    };
  }

  async previewPipeline(pipelineId: string, body: unknown, read: ReadCall): Promise<PreviewAnswer> {
    const pipeline = await this.#parts.pipelines.get(pipelineId);
    if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
      throw new RequestInvalid('Bad request. The body must be an object with the keys to change.', [
        { pointer: '', message: 'must be an object with the keys to change, or be left out', rule: 'type' },
      ]);
    }
    const answer = await this.preview({ ...pipeline.request, ...body }, read);
    if (answer.pipelineId !== pipelineId) {
      throw new RequestInvalid('Bad request. The body is for a different pipeline.', [
        {
          pointer: '/model_name',
          message: `the changed keys would make this pipeline ${answer.pipelineId}; preview that with POST /provisionpipeline?preview=true`,
          rule: 'conflict',
        },
      ]);
    }
    return answer;
  }

  /**
   * Runs the pipeline's job again, with its latest request.
   * @throws OrchestratorError `PIPELINE_NOT_FOUND`, `NOTHING_TO_RUN` for a type without a job
   */
  async run(pipelineId: string, caller: string): Promise<ExecutionAnswer> {
    const { request, status } = await this.#parts.pipelines.get(pipelineId);
    if (status === 'Deleted') {
      throw new OrchestratorError('PIPELINE_NOT_FOUND', `There is no pipeline ${pipelineId}. It was deleted.`);
    }
    const { runs, pipelineType } = this.#valid(request).blueprint;
    if (!runs) {
      throw new OrchestratorError(
        'NOTHING_TO_RUN',
        `Pipelines of type ${pipelineType} have no job to run again. To change one, use POST /provisionpipeline.`,
      );
    }
    return await this.provision({ ...request, rerun: true }, caller);
  }

  async rollback(pipelineId: string, revision: number, caller: string): Promise<ExecutionAnswer> {
    const { pipelines } = this.#parts;
    const blueprint = findBlueprint((await pipelines.get(pipelineId)).pipelineType);
    if (!blueprint) throw unavailable(pipelineId);
    const accepted = await pipelines.acceptRollback(pipelineId, revision, this.environmentsOf(blueprint), caller);
    return this.#dispatched(
      accepted,
      accepted.outcome === 'unchanged'
        ? `Revision ${revision} of pipeline ${pipelineId} is already deployed or being deployed. No action is required.`
        : `Pipeline ${pipelineId} is being rolled back to revision ${revision}.`,
    );
  }

  #dispatched(accepted: Accepted, message: string): ExecutionAnswer {
    const { pipelineId } = accepted;
    if (accepted.executionId === undefined) return { message, pipelineId };
    this.#parts.dispatchSoon(pipelineId);
    return { message, pipelineId, executionId: accepted.executionId };
  }

  #valid(body: unknown): ValidRequest {
    const { blueprints, environments } = this.#parts.config;
    return validateRequest(body, { ...blueprints, environments });
  }

  /** @throws OrchestratorError `PIPELINE_PROTECTED`: a request may protect a pipeline, but never remove the protection */
  async #mustNotBeProtected(pipelineId: string): Promise<void> {
    const by = await this.#parts.pipelines.protectedBy(pipelineId);
    if (by !== undefined) throw protectionStands(pipelineId, by);
  }

  #mustBeProvisionable(blueprint: Blueprint): void {
    if (!blueprint.loadProgram) {
      throw new OrchestratorError(
        'PIPELINE_TYPE_NOT_AVAILABLE',
        `Requests of type ${blueprint.pipelineType} are validated (?validate_only=true), but this version cannot provision them yet. GET /pipeline-types shows which types can be.`,
      );
    }
  }

  /** Checked in the first environment. @throws RequestInvalid for a model package that may not be deployed */
  async #mustBeUsable({ blueprint, request }: ValidRequest): Promise<void> {
    const { cloud, config } = this.#parts;
    const [first = 'main'] = this.environmentsOf(blueprint);
    const environment = config.environments[first];
    if (environment) await assertPackageUsable(cloud, environment, request, config.blueprints);
  }

  async #warnings(valid: ValidRequest): Promise<{ warnings?: string[] }> {
    return warningsIn([...valid.warnings, ...(await captureWarnings(this.#parts.pipelines, valid))]);
  }

  /** The environments of a new deployment, in the order of promotion. */
  environmentsOf({ placement }: Blueprint): readonly EnvironmentName[] {
    return placement === 'environments' && this.#parts.config.blueprints.multiAccount ? STAGES : ['main'];
  }
}

function warningsIn(warnings: string[]): { warnings?: string[] } {
  return warnings.length > 0 ? { warnings } : {};
}

function unavailable(pipelineId: string): OrchestratorError {
  return new OrchestratorError(
    'PIPELINE_TYPE_NOT_AVAILABLE',
    `The blueprint of pipeline ${pipelineId} is no longer configured: the pipeline can be deleted, but not deployed.`,
  );
}

/** The messages of the original (guide, "API operations"). */
function provisionMessage(valid: ValidRequest, outcome: Accepted['outcome']): string {
  switch (outcome) {
    case 'created':
      return 'success: stack creation started';
    case 'run':
      return `A new ${valid.blueprint.runs ?? 'job'} of pipeline ${valid.pipelineId} has been requested.`;
    case 'updated':
      return (
        valid.blueprint.updateMessage?.(valid.pipelineId) ??
        `Pipeline ${valid.pipelineId} is already provisioned. Updating template parameters.`
      );
    case 'unchanged':
      return `Pipeline ${valid.pipelineId} is already provisioned. No updates are to be performed.`;
  }
}
