/** The stages of an execution, in the order of the guide's CodePipeline. Pure. */
import type { EnvironmentName } from '../config/environments.ts';
import type { Execution, ExecutionStage, StageKind } from '../model.ts';

/** The order of promotion. `main` is the only environment with one account, or of types that stay in the orchestrator's account. */
export const PROMOTION: readonly EnvironmentName[] = ['main', 'dev', 'staging', 'prod'];

/** Stage names as in the CodePipeline console: `DeployDev`, `ApproveProd`; plain `Deploy` in one account. */
function stageName(kind: StageKind, environment: EnvironmentName): string {
  return environment === 'main' ? capitalized(kind) : `${capitalized(kind)}${capitalized(environment)}`;
}

function capitalized(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

/** @param now ISO time: the request is stored by the time the plan is made, so its stage has succeeded. */
export function sourceStage(now: string): ExecutionStage {
  return { name: 'Source', kind: 'source', status: 'Succeeded', started: now, ended: now };
}

/** Deploys to each environment in the order of promotion; all but the first wait for approval. */
export function deployStages(environments: readonly EnvironmentName[]): ExecutionStage[] {
  return inOrder(environments).flatMap((environment, index) => [
    ...(index === 0 ? [] : [pending('approve', environment)]),
    pending('deploy', environment),
  ]);
}

/** A stage that has deployed a revision to its environment. */
export interface DeployedStage extends ExecutionStage {
  environment: EnvironmentName;
  revision: number;
}

/** Each environment gets its current revision again, and waits for approval, including the first one. */
export function reconcileStages(deployed: readonly DeployedStage[]): ExecutionStage[] {
  return inOrder(deployed.map(({ environment }) => environment)).flatMap((environment) => {
    const revision = deployed.find((stage) => stage.environment === environment)?.revision;
    return [
      { ...pending('approve', environment), revision },
      { ...pending('deploy', environment), revision },
    ];
  });
}

/** From the last environment to the first. @param needsApproval whether destroying an environment requires approval */
export function destroyStages(
  environments: readonly EnvironmentName[],
  needsApproval: (environment: EnvironmentName) => boolean,
): ExecutionStage[] {
  return inReverseOrder(environments).flatMap((environment) => [
    ...(needsApproval(environment) ? [pending('approve', environment)] : []),
    pending('destroy', environment),
  ]);
}

/** The next stage of an execution; undefined if none is left. */
export function nextStage(execution: Pick<Execution, 'stages'>): ExecutionStage | undefined {
  return execution.stages.find((stage) => stage.status === 'Pending' || stage.status === 'InProgress');
}

function pending(kind: StageKind, environment: EnvironmentName): ExecutionStage {
  return { name: stageName(kind, environment), kind, environment, status: 'Pending' };
}

/** The order in which environments are destroyed. */
export function inReverseOrder(environments: readonly EnvironmentName[]): EnvironmentName[] {
  return inOrder(environments).reverse();
}

function inOrder(environments: readonly EnvironmentName[]): EnvironmentName[] {
  return PROMOTION.filter((environment) => environments.includes(environment));
}
