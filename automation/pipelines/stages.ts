/** The plan of an execution: which stages it goes through, in the order of the guide's CodePipeline. Pure. */
import type { EnvironmentName } from '../config/environments.ts';
import type { Execution, ExecutionStage } from '../orchestrator.ts';

/** The order of promotion. `main` stands alone: one account, or what never leaves the orchestrator's own. */
const PROMOTION: readonly EnvironmentName[] = ['main', 'dev', 'staging', 'prod'];

/** What is done in a stage. `source` is done by the time the execution exists. */
export type StageWork = 'source' | 'approve' | 'deploy' | 'destroy';

/** Stage names as people and CodePipeline's consoles know them: `DeployDev`, `ApproveProd`; plain `Deploy` in one account. */
function stageName(work: 'Approve' | 'Deploy' | 'Destroy', environment: EnvironmentName): string {
  return environment === 'main' ? work : `${work}${environment.charAt(0).toUpperCase()}${environment.slice(1)}`;
}

export function workOf(stage: Pick<ExecutionStage, 'name'>): StageWork {
  const [, word] = /^(Source|Approve|Deploy|Destroy)/.exec(stage.name) ?? [];
  if (!word) throw new Error(`stage ${stage.name} is of no known kind`);
  return word.toLowerCase() as StageWork;
}

/** @param now ISO time: the request is stored by the time the plan is made, so its stage has succeeded. */
export function sourceStage(now: string): ExecutionStage {
  return { name: 'Source', status: 'Succeeded', started: now, ended: now };
}

/** Deploys to each environment in the order of promotion; all but the first wait for approval. */
export function deployStages(environments: readonly EnvironmentName[]): ExecutionStage[] {
  return inOrder(environments).flatMap((environment, index) => [
    ...(index === 0 ? [] : [pending('Approve', environment)]),
    pending('Deploy', environment),
  ]);
}

/** A stage that has brought a revision to its environment. */
export interface DeployedStage extends ExecutionStage {
  environment: EnvironmentName;
  revision: number;
}

/** Each environment gets the revision that it has, and waits for approval, the first one too. */
export function reconcileStages(deployed: readonly DeployedStage[]): ExecutionStage[] {
  return inOrder(deployed.map(({ environment }) => environment)).flatMap((environment) => {
    const revision = deployed.find((stage) => stage.environment === environment)?.revision;
    return [
      { ...pending('Approve', environment), revision },
      { ...pending('Deploy', environment), revision },
    ];
  });
}

/** From the last environment to the first. */
export function destroyStages(environments: readonly EnvironmentName[]): ExecutionStage[] {
  return inOrder(environments)
    .reverse()
    .map((environment) => pending('Destroy', environment));
}

/** The stage that an execution does next; undefined where none is left. */
export function nextStage(execution: Pick<Execution, 'stages'>): ExecutionStage | undefined {
  return execution.stages.find((stage) => stage.status === 'Pending' || stage.status === 'InProgress');
}

function pending(work: 'Approve' | 'Deploy' | 'Destroy', environment: EnvironmentName): ExecutionStage {
  return { name: stageName(work, environment), environment, status: 'Pending' };
}

function inOrder(environments: readonly EnvironmentName[]): EnvironmentName[] {
  return PROMOTION.filter((environment) => environments.includes(environment));
}
