/**
 * Recovery from a lost or outdated state, for administrators: see what was deployed, accept what the backend has, or have
 * everything created again. Called by the HTTP API; the next operation on the stack applies the decision.
 */
import { addAuditEntry } from '../audit/record.ts';
import type { EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import type { Pipelines } from '../pipelines/pipelines.ts';
import type { Database } from '../platform/database.ts';
import { inTransaction } from '../platform/database.ts';
import type { DeployedStack } from './deployed-stacks.ts';
import { DeployedStacks } from './deployed-stacks.ts';
import { stackKey, stackNames } from './operation.ts';

/** `adopt`: the state in the backend counts as the latest; `recreate`: the stack counts as never deployed. */
export type StateDecision = 'adopt' | 'recreate';

export interface StateDecisionAnswer {
  message: string;
  pipelineId: string;
  environment: EnvironmentName;
  /** `<project>/<stack>`. */
  stack: string;
}

/** What the database knows of a deployed stack. */
export interface DeployedState {
  pipelineId: string;
  environment: EnvironmentName;
  /** `<project>/<stack>`. */
  stack: string;
  /** When the engine saved the state; empty after an `adopt`. ISO time. */
  stateTime: string;
  /** The content of a file for `pulumi import --file`. */
  import: { resources: { type: string; name: string; id: string }[] };
}

/** What is deployed to an environment, and what depends on what. */
export interface EnvironmentResources {
  environment: EnvironmentName;
  /** `<project>/<stack>`. */
  stack: string;
  resources: {
    urn: string;
    type: string;
    name: string;
    /** Id in the account. */
    id: string;
    /** URNs of the resources that must exist before it. */
    dependencies: string[];
  }[];
}

/** The part of the orchestrator that the HTTP API calls. */
export interface StackStateCalls {
  /** What the database knows to be deployed in an environment. @throws OrchestratorError `NOTHING_DEPLOYED` */
  stackState(pipelineId: string, environment: EnvironmentName): Promise<DeployedState>;
  /** The resources of every stack of a pipeline. */
  resources(pipelineId: string): Promise<EnvironmentResources[]>;
  /** Recovers from a lost state. @throws OrchestratorError `NOTHING_DEPLOYED` */
  decideStackState(
    pipelineId: string,
    environment: EnvironmentName,
    answer: { decision: StateDecision; comment: string },
    caller: string,
  ): Promise<StateDecisionAnswer>;
}

export class StackStates {
  readonly #database: Database;
  readonly #pipelines: Pick<Pipelines, 'get'>;

  constructor(database: Database, pipelines: Pick<Pipelines, 'get'>) {
    this.#database = database;
    this.#pipelines = pipelines;
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND`, `NOTHING_DEPLOYED` */
  async get(pipelineId: string, environment: EnvironmentName): Promise<DeployedState> {
    const { stack, time, resources } = await this.#find(new DeployedStacks(this.#database), pipelineId, environment);
    return {
      pipelineId,
      environment,
      stack,
      stateTime: time,
      import: { resources: resources.map(({ type, name, id }) => ({ type, name, id })) },
    };
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  async resources(pipelineId: string): Promise<EnvironmentResources[]> {
    await this.#pipelines.get(pipelineId);
    const stacks = await new DeployedStacks(this.#database).ofPipeline(pipelineId);
    return stacks.map(({ environment, stack, resources }) => ({
      environment,
      stack,
      resources: resources.map(({ dependencies = [], ...resource }) => ({ ...resource, dependencies })),
    }));
  }

  /**
   * @param comment why, for the audit
   * @throws OrchestratorError `PIPELINE_NOT_FOUND`, `NOTHING_DEPLOYED`
   */
  async decide(
    pipelineId: string,
    environment: EnvironmentName,
    { decision, comment }: { decision: StateDecision; comment: string },
    caller: string,
  ): Promise<StateDecisionAnswer> {
    return await inTransaction(this.#database, async (transaction) => {
      const deployed = new DeployedStacks(transaction);
      const { stack, resources } = await this.#find(deployed, pipelineId, environment);
      if (decision === 'recreate') await deployed.forget(stack);
      else await deployed.acceptAnyState(stack);
      await addAuditEntry(transaction, {
        principal: caller,
        action: decision === 'recreate' ? 'recreate-stack' : 'adopt-state',
        pipelineId,
        environment,
        // What was deployed is in no other place once the stack is forgotten.
        detail: { comment, stack, ...(decision === 'recreate' ? { resources } : {}) },
      });
      const message =
        decision === 'recreate'
          ? `Stack ${stack} counts as never deployed: the next deployment creates everything.`
          : `The state of stack ${stack} in the backend counts as the latest.`;
      return { message, pipelineId, environment, stack };
    });
  }

  async #find(deployed: DeployedStacks, pipelineId: string, environment: EnvironmentName): Promise<DeployedStack> {
    const { pipelineType } = await this.#pipelines.get(pipelineId);
    const found = await deployed.find(stackKey(stackNames(pipelineType, pipelineId, environment)));
    if (found) return found;
    throw new OrchestratorError(
      'NOTHING_DEPLOYED',
      `Pipeline ${pipelineId} is not deployed to environment ${environment}. GET /pipelines/${pipelineId}/outputs shows where it is deployed.`,
    );
  }
}
