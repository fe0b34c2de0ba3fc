/** From a DELETE to an execution that destroys: obstacles, previews, and the monitors to be destroyed first. */
import type { Blueprint } from '../../blueprints/blueprint.ts';
import { findBlueprint } from '../../blueprints/registry.ts';
import type { ApprovalPolicy, EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { PreviewAnswer, ExecutionAnswer } from '../model.ts';
import type { Previews } from '../stacks/previews.ts';
import type { ReadCall } from '../stacks/read-limits.ts';
import { monitorsOf } from './monitors.ts';
import type { Pipelines } from './pipelines.ts';
import { protectionStands } from './protection.ts';
import { inReverseOrder } from './stages.ts';

export interface RemovalDependencies {
  pipelines: Pipelines;
  previews: Previews;
  policies: Readonly<Record<EnvironmentName, ApprovalPolicy>>;
  /** The environments of a new deployment. */
  environmentsOf: (blueprint: Blueprint) => readonly EnvironmentName[];
  /** Queues an accepted execution. */
  dispatch: (pipelineId: string) => Promise<void>;
}

export class Removal {
  readonly #parts: RemovalDependencies;

  constructor(parts: RemovalDependencies) {
    this.#parts = parts;
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND`, `PIPELINE_BUSY`, `OPERATION_FAILED`, `OPERATION_TIMED_OUT` */
  async preview(pipelineId: string, read: ReadCall): Promise<PreviewAnswer> {
    const { pipelines, previews } = this.#parts;
    const { pipelineType, revision } = await pipelines.get(pipelineId);
    const blueprint = findBlueprint(pipelineType);
    const environments = inReverseOrder(await this.stacksOf(pipelineId, blueprint));
    const subject = { pipelineId, pipelineType, blueprint, revision };
    return {
      message: 'Nothing was changed. This is what destroying the pipeline would delete.',
      pipelineId,
      environments: await previews.all(environments, read, (environment, signal) =>
        previews.preview(subject, environment, signal, 'preview-destroy'),
      ),
    };
  }

  async destroy(pipelineId: string, caller: string, includeMonitors = false): Promise<ExecutionAnswer> {
    const { pipelines, policies, dispatch } = this.#parts;
    const { pipelineType } = await pipelines.get(pipelineId);
    const blueprint = findBlueprint(pipelineType);
    await this.#mustNotBeProtected(pipelineId);
    const monitors = (await monitorsOf(pipelines, { pipelineId, blueprint })).map((monitor) => monitor.pipelineId);
    if (monitors.length > 0 && !includeMonitors) {
      throw new OrchestratorError(
        'ENDPOINT_MONITORED',
        `The endpoint of ${pipelineId} is monitored by ${monitors.join(', ')}. Delete the monitors first, or everything together with DELETE /pipelines/${pipelineId}?include=monitors.`,
        { data: { monitors } },
      );
    }
    // All before the first: what is refused must not have begun.
    for (const monitor of monitors) await this.#mustNotBeProtected(monitor);
    const waitsFor = await Promise.all(
      monitors.map(async (monitor) => (await this.destroy(monitor, caller)).executionId),
    );
    const { executionId, isNew } = await pipelines.acceptDestroy(
      pipelineId,
      await this.stacksOf(pipelineId, blueprint),
      caller,
      (environment) => policies[environment].approveDestroy,
      waitsFor.filter((id) => id !== undefined),
    );
    await dispatch(pipelineId);
    return {
      message: isNew ? 'success: stack deletion started' : `Pipeline ${pipelineId} is already being deleted.`,
      pipelineId,
      executionId,
    };
  }

  /** @throws OrchestratorError `PIPELINE_PROTECTED` */
  async #mustNotBeProtected(pipelineId: string): Promise<void> {
    const by = await this.#parts.pipelines.protectedBy(pipelineId);
    if (by !== undefined) throw protectionStands(pipelineId, by);
  }

  /** Environments that may have stacks: all in which a deployment was ever started, and all to which one would go. */
  async stacksOf(pipelineId: string, blueprint: Blueprint | undefined): Promise<readonly EnvironmentName[]> {
    const touched = await this.#parts.pipelines.touchedEnvironments(pipelineId);
    const environments = new Set([...touched, ...(blueprint ? this.#parts.environmentsOf(blueprint) : [])]);
    return environments.size > 0 ? [...environments] : ['main'];
  }
}
