/**
 * The records of each deployed stack: when its state was last saved, and its resources. They distinguish a backend that has
 * lost the stack, or has an older state, from a first deployment. Written under the stack's lease.
 */
import type { EnvironmentName } from '../config/environments.ts';
import type { Database } from '../platform/database.ts';
import { storableJson } from '../platform/storable.ts';

/** A resource that a stack has in an account, as `pulumi import` needs it to be named. */
export interface DeployedResource {
  type: string;
  name: string;
  id: string;
  urn: string;
  /** URNs of the resources that must exist before it. */
  dependencies?: string[];
}

/** The state in the backend after an operation. */
export interface SavedState {
  /** When the engine saved it: ISO time of the state's own manifest. */
  time: string;
  resources: DeployedResource[];
}

export interface DeployedStack extends SavedState {
  stack: string;
  pipelineId: string;
  environment: EnvironmentName;
  updated: Date;
}

interface Row {
  stack: string;
  pipeline_id: string;
  environment: EnvironmentName;
  state_time: string;
  resources: DeployedResource[];
  updated: Date;
}

export class DeployedStacks {
  readonly #database: Pick<Database, 'query'>;

  /** @param database a transaction where the answer belongs to what that transaction does */
  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** @param stack `<project>/<stack>` @returns undefined where nothing is deployed, as far as the database knows */
  async find(stack: string): Promise<DeployedStack | undefined> {
    const { rows } = await this.#database.query<Row>('SELECT * FROM mlops.deployed_stacks WHERE stack = $1', [stack]);
    return rows[0] && toDeployedStack(rows[0]);
  }

  /** All stacks of a pipeline. */
  async ofPipeline(pipelineId: string): Promise<DeployedStack[]> {
    const { rows } = await this.#database.query<Row>(
      'SELECT * FROM mlops.deployed_stacks WHERE pipeline_id = $1 ORDER BY environment',
      [pipelineId],
    );
    return rows.map(toDeployedStack);
  }

  /** Records what an operation has left; a stack without resources is not deployed. */
  async record(
    { stack, pipelineId, environment }: Pick<DeployedStack, 'stack' | 'pipelineId' | 'environment'>,
    { time, resources }: SavedState,
  ): Promise<void> {
    if (resources.length === 0) return await this.forget(stack);
    await this.#database.query(
      `INSERT INTO mlops.deployed_stacks (stack, pipeline_id, environment, state_time, resources)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (stack) DO UPDATE SET state_time = excluded.state_time, resources = excluded.resources, updated = now()`,
      [stack, pipelineId, environment, time, storableJson(resources)],
    );
  }

  /** From now on the stack counts as never deployed: the next deployment creates everything. */
  async forget(stack: string): Promise<void> {
    await this.#database.query('DELETE FROM mlops.deployed_stacks WHERE stack = $1', [stack]);
  }

  /** From now on any state of the stack in the backend counts as the latest. */
  async acceptAnyState(stack: string): Promise<void> {
    await this.#database.query(`UPDATE mlops.deployed_stacks SET state_time = '' WHERE stack = $1`, [stack]);
  }
}

function toDeployedStack(row: Row): DeployedStack {
  const { stack, pipeline_id: pipelineId, environment, state_time: time, resources, updated } = row;
  return { stack, pipelineId, environment, time, resources, updated };
}
