/** Pipelines and revisions: what was accepted, in PostgreSQL. Nothing here runs anything. */
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { ValidRequest } from '../../blueprints/request/request.ts';
import { requestDigest } from '../../blueprints/request/digest.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { inTransaction } from '../platform/database.ts';
import type { EnvironmentName } from '../config/environments.ts';
import { OrchestratorError } from '../errors.ts';
import { FIRST, combined, insertion, insertionAfterFirst } from '../platform/combined.ts';
import type { Executions, NewExecution } from '../executions/executions.ts';
import { newExecution, toExecution } from '../executions/executions.ts';
import { UNDER_WAY } from '../executions/status.ts';
import type { ExecutionKind, ExecutionStatus, RequestOrigin, StoredPipeline } from '../model.ts';
import { addRevision, digestOf, useRevision } from './current-revision.ts';
import { changedIn, deployedStages, touchedEnvironments } from './deployments.ts';
import { protectionStands, readProtection, setProtection } from './protection.ts';
import { noRevision } from './revisions.ts';
import type { DeployedStage } from './stages.ts';
import { destroyStages, deployStages, reconcileStages, sourceStage } from './stages.ts';

/** Outcome of a request for a pipeline. */
export type Accepted =
  | { outcome: 'created' | 'updated' | 'run'; pipelineId: string; executionId: string }
  | { outcome: 'unchanged'; pipelineId: string; /** Of the same request, still in progress. */ executionId?: string };

interface PipelineRow {
  id: string;
  pipeline_type: string;
  model_name: string;
  /** The revision that the latest deployment is of. */
  revision: number;
  deleted: boolean;
  protected_by: string | null;
  created: Date;
  updated: Date;
}

interface LatestExecution {
  id: string;
  kind: ExecutionKind;
  revision: number;
  status: ExecutionStatus;
  cancelled_by: string | null;
}

export class Pipelines {
  readonly #database: Database;
  readonly #executions: Executions;

  constructor(database: Database, executions: Executions) {
    this.#database = database;
    this.#executions = executions;
  }

  /**
   * Stores a request as a revision with a queued execution, unless the pipeline already has exactly this request
   * deployed or in progress and no new run is requested. Requests for one pipeline are serialised by its row, so the same
   * request twice at once makes one execution.
   */
  async accept(
    valid: ValidRequest,
    environments: readonly EnvironmentName[],
    caller: string,
    { origin, protect = false }: { origin?: RequestOrigin; protect?: boolean } = {},
  ): Promise<Accepted> {
    const digest = requestDigest(valid.request);
    const { pipelineId } = valid;
    const deployment = { pipelineId, environments, caller, ...(origin ? { origin } : {}) };
    const addNew = async (database: Pick<Database, 'query'>) => await addPipeline(database, valid, digest, deployment);
    const protectNew = async (transaction: Transaction) => {
      const executionId = await addNew(transaction);
      if (executionId) await setProtection(transaction, pipelineId, caller, true);
      return executionId;
    };
    const first = await (protect ? inTransaction(this.#database, protectNew) : addNew(this.#database));
    if (first) return { outcome: 'created', pipelineId, executionId: first };
    return await inTransaction(this.#database, async (transaction) => {
      const pipeline = await lockPipeline(transaction, pipelineId);
      if (protect && !pipeline.protected_by) await setProtection(transaction, pipelineId, caller, true);
      const latest = await latestExecution(transaction, pipelineId, 'reconcile');
      const isNew = latest === undefined || pipeline.deleted;
      const same = !isNew && (await digestOf(transaction, pipelineId, latest.revision)) === digest;
      if (same && isDeployed(latest) && !valid.rerun) return unchanged(pipelineId, latest);
      const kind = valid.rerun && !isNew ? 'run' : 'provision';
      const revision =
        same && kind === 'run'
          ? await useRevision(transaction, pipelineId, latest.revision)
          : await addRevision(transaction, pipelineId, digest, valid.request, caller);
      const executionId = await this.#executions.add(transaction, deploymentOf({ ...deployment, kind, revision }));
      if (kind === 'run') return { outcome: 'run', pipelineId, executionId };
      return { outcome: isNew ? 'created' : 'updated', pipelineId, executionId };
    });
  }

  /**
   * Queues a deployment of an older revision, through the same stages and approvals as any other.
   * @throws OrchestratorError `PIPELINE_NOT_FOUND`, `REVISION_NOT_FOUND`
   */
  async acceptRollback(
    pipelineId: string,
    revision: number,
    environments: readonly EnvironmentName[],
    caller: string,
  ): Promise<Accepted> {
    return await inTransaction(this.#database, async (transaction) => {
      const pipeline = await lockPipeline(transaction, pipelineId);
      if (pipeline.deleted) throw notFound(pipelineId, 'It was deleted.');
      const digest = await digestOf(transaction, pipelineId, revision);
      if (digest === undefined) throw noRevision(pipelineId, revision);
      const latest = await latestExecution(transaction, pipelineId, 'reconcile');
      if (latest && isDeployed(latest) && (await digestOf(transaction, pipelineId, latest.revision)) === digest) {
        return unchanged(pipelineId, latest);
      }
      await useRevision(transaction, pipelineId, revision);
      const executionId = await this.#executions.add(
        transaction,
        deploymentOf({ pipelineId, kind: 'rollback', revision, environments, caller }),
      );
      return { outcome: 'updated', pipelineId, executionId };
    });
  }

  /**
   * Queues the deployment, to each of the environments, of the revision that it has, over what was changed behind Pulumi's
   * back. Every one of them waits for approval.
   * @param deployed the last successful deployments of the environments
   * @throws OrchestratorError `PIPELINE_NOT_FOUND`, `PIPELINE_BUSY` while anything else is in progress
   */
  async acceptReconcile(
    pipelineId: string,
    deployed: readonly DeployedStage[],
    caller: string,
  ): Promise<{ executionId: string }> {
    return await inTransaction(this.#database, async (transaction) => {
      const pipeline = await lockPipeline(transaction, pipelineId);
      if (pipeline.deleted) throw notFound(pipelineId, 'It was deleted.');
      const latest = await latestExecution(transaction, pipelineId);
      if (latest && UNDER_WAY.includes(latest.status)) {
        throw new OrchestratorError(
          'PIPELINE_BUSY',
          `Execution ${latest.id} (${latest.kind}) of pipeline ${pipelineId} is ${latest.status}. Reconcile when it has ended.`,
          { retryAfterSeconds: 30 },
        );
      }
      const executionId = await this.#executions.add(transaction, {
        pipelineId,
        kind: 'reconcile',
        revision: pipeline.revision,
        stages: reconcileStages(deployed),
        caller,
      });
      return { executionId };
    });
  }

  /**
   * Queues the removal of a pipeline; another call while it is in progress returns the same execution.
   * @param environments those that may have a stack
   * @param needsApproval whether people are asked before an environment is destroyed
   * @param waitsFor executions that must end first
   * @throws OrchestratorError `PIPELINE_NOT_FOUND` for an unknown or already removed pipeline, `PIPELINE_PROTECTED`
   */
  async acceptDestroy(
    pipelineId: string,
    environments: readonly EnvironmentName[],
    caller: string,
    needsApproval: (environment: EnvironmentName) => boolean,
    waitsFor: readonly string[] = [],
  ): Promise<{ executionId: string; isNew: boolean }> {
    return await inTransaction(this.#database, async (transaction) => {
      const pipeline = await lockPipeline(transaction, pipelineId);
      if (pipeline.deleted) throw notFound(pipelineId, 'It was deleted.');
      if (pipeline.protected_by) throw protectionStands(pipelineId, pipeline.protected_by);
      const latest = await latestExecution(transaction, pipelineId);
      if (latest?.kind === 'destroy' && isOnItsWay(latest)) {
        return { executionId: latest.id, isNew: false };
      }
      const { revision } = pipeline;
      const stages = destroyStages(environments, needsApproval);
      const executionId = await this.#executions.add(transaction, {
        pipelineId,
        kind: 'destroy',
        revision,
        stages,
        caller,
        waitsFor,
      });
      return { executionId, isNew: true };
    });
  }

  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  async get(pipelineId: string): Promise<StoredPipeline> {
    const { rows } = await this.#database.query<PipelineRow & { request: PipelineRequest }>(
      `SELECT p.*, r.request FROM mlops.pipelines p
         JOIN mlops.revisions r ON r.pipeline_id = p.id AND r.number = p.revision
        WHERE p.id = $1`,
      [pipelineId],
    );
    const [row] = rows;
    const [latest] = row ? await this.#executions.ofPipeline(pipelineId, 1) : [];
    if (!row || !latest) throw notFound(pipelineId);
    return {
      ...toSummary(row, latest.status),
      latestExecutionId: latest.executionId,
      request: row.request,
      stages: toExecution(latest).stages,
    };
  }

  /** Who protected a pipeline; undefined if it is not protected. */
  async protectedBy(pipelineId: string): Promise<string | undefined> {
    return await readProtection(this.#database, pipelineId);
  }

  /**
   * Protects a pipeline or removes its protection, and records who did so. No effect if it is already so.
   * @throws OrchestratorError `PIPELINE_NOT_FOUND`
   */
  async protect(pipelineId: string, caller: string, isProtected: boolean): Promise<void> {
    await inTransaction(this.#database, async (transaction) => {
      const pipeline = await lockPipeline(transaction, pipelineId);
      if (pipeline.deleted) throw notFound(pipelineId, 'It was deleted.');
      if ((pipeline.protected_by !== null) === isProtected) return;
      await setProtection(transaction, pipelineId, caller, isProtected);
    });
  }

  /** Current requests of the pipelines of some types that are not deleted. */
  async current(pipelineTypes: readonly string[]): Promise<{ pipelineId: string; request: PipelineRequest }[]> {
    const { rows } = await this.#database.query<{ id: string; request: PipelineRequest }>(
      `SELECT p.id, r.request FROM mlops.pipelines p
         JOIN mlops.revisions r ON r.pipeline_id = p.id AND r.number = p.revision
        WHERE NOT p.deleted AND p.pipeline_type = ANY($1) ORDER BY p.id`,
      [pipelineTypes],
    );
    return rows.map(({ id, request }) => ({ pipelineId: id, request }));
  }

  /** The validated request of one revision. */
  async request(pipelineId: string, revision: number): Promise<PipelineRequest> {
    const { rows } = await this.#database.query<{ request: PipelineRequest }>(
      'SELECT request FROM mlops.revisions WHERE pipeline_id = $1 AND number = $2',
      [pipelineId, revision],
    );
    if (!rows[0]) throw noRevision(pipelineId, revision);
    return rows[0].request;
  }

  /** @see changedIn of deployments.ts */
  async changedIn(
    pipelineId: string,
    executionId: string | undefined,
    view: (request: PipelineRequest) => string,
    wanted: string,
  ): Promise<number> {
    return await changedIn(this.#database, pipelineId, executionId, view, wanted);
  }

  /** The last successful deployment of each environment; empty after a removal. */
  async deployedStages(pipelineId: string): Promise<DeployedStage[]> {
    return await deployedStages(this.#database, pipelineId);
  }

  /** Environments that may have a stack. */
  async touchedEnvironments(pipelineId: string): Promise<EnvironmentName[]> {
    return await touchedEnvironments(this.#database, pipelineId);
  }
}

interface Deployment {
  pipelineId: string;
  kind: 'provision' | 'run' | 'rollback';
  revision: number;
  environments: readonly EnvironmentName[];
  caller: string;
  origin?: RequestOrigin;
}

function deploymentOf({ environments, ...execution }: Deployment): NewExecution {
  return { ...execution, stages: [sourceStage(new Date().toISOString()), ...deployStages(environments)] };
}

/**
 * Adds a pipeline with its first revision and its first execution, in one statement, which is all or nothing.
 * @returns the id of the execution; undefined if the pipeline exists already
 */
async function addPipeline(
  database: Pick<Database, 'query'>,
  { pipelineId, blueprint, modelName, request }: ValidRequest,
  digest: string,
  deployment: Omit<Deployment, 'kind' | 'revision'>,
): Promise<string | undefined> {
  const revision = 1;
  const { id, insertions } = newExecution(deploymentOf({ ...deployment, kind: 'provision', revision }));
  const pipeline = insertion({
    into: 'mlops.pipelines',
    row: { id: pipelineId, pipeline_type: blueprint.pipelineType, model_name: modelName, revision },
  });
  const itsRevision = {
    into: 'mlops.revisions',
    row: {
      ...{ pipeline_id: pipelineId, number: revision, digest, request: JSON.stringify(request) },
      requested_by: deployment.caller,
    },
  };
  const { rows } = await database.query(
    combined('add-pipeline', [
      { ...pipeline, text: `${pipeline.text} ON CONFLICT (id) DO NOTHING RETURNING id` },
      insertionAfterFirst(itsRevision),
      ...insertions.map(insertionAfterFirst),
      { text: `SELECT id FROM ${FIRST}`, values: [] },
    ]),
  );
  return rows.length > 0 ? id : undefined;
}

/** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
async function lockPipeline(transaction: Transaction, pipelineId: string): Promise<PipelineRow> {
  const { rows } = await transaction.query<PipelineRow>('SELECT * FROM mlops.pipelines WHERE id = $1 FOR UPDATE', [
    pipelineId,
  ]);
  if (!rows[0]) throw notFound(pipelineId);
  return rows[0];
}

/** @param butNot a kind to ignore: reconciling deploys no revision to an environment that did not already have it */
async function latestExecution(
  transaction: Transaction,
  pipelineId: string,
  butNot?: ExecutionKind,
): Promise<LatestExecution | undefined> {
  const { rows } = await transaction.query<LatestExecution>(
    `SELECT id, kind, revision, status, cancelled_by FROM mlops.executions
      WHERE pipeline_id = $1 AND kind IS DISTINCT FROM $2 ORDER BY ordinal DESC LIMIT 1`,
    [pipelineId, butNot ?? null],
  );
  return rows[0];
}

/** Whether an execution has deployed its revision everywhere, or is still doing so. */
function isDeployed(execution: LatestExecution): boolean {
  return execution.kind !== 'destroy' && (execution.status === 'Succeeded' || isOnItsWay(execution));
}

/** Who sends a request again because its answer was lost finds the execution in it all the same. */
function unchanged(pipelineId: string, latest: LatestExecution): Accepted {
  return { outcome: 'unchanged', pipelineId, ...(isOnItsWay(latest) ? { executionId: latest.id } : {}) };
}

/** An execution that is being cancelled will not deploy. */
function isOnItsWay({ status, cancelled_by: cancelledBy }: LatestExecution): boolean {
  return UNDER_WAY.includes(status) && cancelledBy === null;
}

function toSummary(row: PipelineRow, status: ExecutionStatus): Omit<StoredPipeline, 'request' | 'stages'> {
  return {
    pipelineId: row.id,
    pipelineType: row.pipeline_type,
    modelName: row.model_name,
    status: row.deleted ? 'Deleted' : status,
    revision: row.revision,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    ...(row.protected_by ? { protectedBy: row.protected_by } : {}),
  };
}

function notFound(pipelineId: string, detail = 'GET /pipelines lists the existing ones.'): OrchestratorError {
  return new OrchestratorError('PIPELINE_NOT_FOUND', `There is no pipeline ${pipelineId}. ${detail}`);
}
