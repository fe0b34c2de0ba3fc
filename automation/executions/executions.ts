/**
 * Executions in PostgreSQL. A state transition is one change of an execution: its row, its events, its notifications and
 * the audit entry are written together or not at all, so that a process that dies cannot leave half of one. The changes
 * are decided in `transitions/` and written here.
 */
import { randomUUID } from 'node:crypto';
import { addAuditEntry, auditEntryInsertion } from '../audit/record.ts';
import type { EnvironmentName } from '../config/environments.ts';
import type { Insertion, Write } from '../platform/combined.ts';
import { combined, insertion } from '../platform/combined.ts';
import type { CursorPage, CursorQuery } from '../platform/paging.ts';
import { cursorPage, whereOf } from '../platform/paging.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { inTransaction } from '../platform/database.ts';
import { cardPath, hasModel } from '../model-cards/has-model.ts';
import { isUuid } from '../platform/ids.ts';
import { executionNotFound } from './not-found.ts';
import type { ExecutionEvents } from './events.ts';
import { EVENTS_CHANNEL, FIRST_SEQUENCE, firstEvent } from './events.ts';
import { executionNotification } from '../notifications/execution-notifications.ts';
import { addNotification } from '../notifications/notifications.ts';
import type {
  ApprovalDecision,
  Execution,
  ExecutionKind,
  ExecutionStage,
  ExecutionStatus,
  PendingApproval,
  RequestOrigin,
} from '../model.ts';
import type { ApprovedChange } from '../stacks/approved-change.ts';
import { executionSuperseded } from './transitions/executions.ts';
import type { StoredExecution, Transition } from './transitions/transition.ts';
import { storableJson } from '../platform/storable.ts';

interface ExecutionRow {
  id: string;
  pipeline_id: string;
  pipeline_type: string;
  kind: ExecutionKind;
  revision: number;
  ordinal: string;
  status: ExecutionStatus;
  requested_by: string;
  origin: RequestOrigin | null;
  stages: ExecutionStage[];
  approval: PendingApproval | null;
  decisions: ApprovalDecision[];
  approved: Record<string, ApprovedChange>;
  attempt: number;
  cancelled_by: string | null;
  waits_for: string[];
  blueprint_version: string | null;
  later: { executionId: string; kind: ExecutionKind; revision: number } | null;
  created: Date;
  updated: Date;
}

/** A condition: a stage of an execution was started at some time; a retry clears everything of it except the stack. */
function hasBegun(execution: string): string {
  return `jsonb_path_exists(${execution}.stages, '$[*].stack')`;
}

const SELECT = `
  SELECT e.*, p.pipeline_type,
         (SELECT jsonb_build_object('executionId', later.id, 'kind', later.kind, 'revision', later.revision)
            FROM mlops.executions later
           WHERE later.pipeline_id = e.pipeline_id AND later.ordinal > e.ordinal
             AND (later.status <> 'Cancelled' OR ${hasBegun('later')})
           ORDER BY later.ordinal DESC LIMIT 1) AS later
    FROM mlops.executions e JOIN mlops.pipelines p ON p.id = e.pipeline_id`;

export interface NewExecution {
  pipelineId: string;
  kind: ExecutionKind;
  revision: number;
  stages: ExecutionStage[];
  caller: string;
  /** Where the request was pushed. */
  origin?: RequestOrigin;
  /** Executions that must end first. */
  waitsFor?: readonly string[];
  detail?: Record<string, unknown>;
}

/** Executions must match all given values. */
export interface ExecutionFilter extends CursorQuery {
  pipelineId?: string;
  status?: ExecutionStatus;
  kind?: ExecutionKind;
  requestedBy?: string;
  /** Only those waiting for the approval of this environment. */
  environment?: EnvironmentName;
  /** Not before. */
  since?: Date;
}

export class Executions {
  readonly #database: Database;
  readonly #events: ExecutionEvents;
  readonly #publicUrl: string;
  readonly #observe: (before: StoredExecution, after: StoredExecution) => void;

  /**
   * @param publicUrl where people reach the API, for the links in notifications
   * @param observe called after each committed transition, for metrics; default: none
   */
  constructor(
    database: Database,
    events: ExecutionEvents,
    publicUrl: string,
    observe: (before: StoredExecution, after: StoredExecution) => void = () => undefined,
  ) {
    this.#database = database;
    this.#events = events;
    this.#publicUrl = publicUrl;
    this.#observe = observe;
  }

  /** Queues an execution, and supersedes those waiting for approval. @returns its id */
  async add(transaction: Transaction, execution: NewExecution): Promise<string> {
    const { id, insertions } = newExecution(execution);
    const [first, second, ...others] = insertions.map(insertion) as [Write, Write, ...Write[]];
    await transaction.query(combined('add-execution', [first, second, ...others]));
    await this.#supersedeWaiting(transaction, execution.pipelineId, id);
    return id;
  }

  /** @throws OrchestratorError `EXECUTION_NOT_FOUND` */
  async get(executionId: string): Promise<StoredExecution> {
    const { rows } = isUuid(executionId)
      ? await this.#database.query<ExecutionRow>({
          // Prepared: planning it costs more than running it.
          name: 'execution',
          text: `${SELECT} WHERE e.id = $1`,
          values: [executionId],
        })
      : { rows: [] };
    if (!rows[0]) throw executionNotFound(executionId);
    return toStored(rows[0]);
  }

  /** Newest first. */
  async page({ limit, after, ...filter }: ExecutionFilter): Promise<CursorPage<Execution>> {
    const { where, values } = whereOf(
      [
        ['e.pipeline_id = ?', filter.pipelineId],
        ['e.status = ?', filter.status],
        ['e.kind = ?', filter.kind],
        ['e.requested_by = ?', filter.requestedBy],
        ["e.approval->>'environment' = ?", filter.environment],
        ['e.created >= ?', filter.since],
        ['e.ordinal < (SELECT ordinal FROM mlops.executions WHERE id = ?)', after],
      ],
      2,
    );
    const { rows } = await this.#database.query<ExecutionRow>(`${SELECT} ${where} ORDER BY e.ordinal DESC LIMIT $1`, [
      limit + 1,
      ...values,
    ]);
    return cursorPage(
      rows.map((row) => toExecution(toStored(row))),
      limit,
      ({ executionId }) => executionId,
    );
  }

  /** Newest first. */
  async ofPipeline(pipelineId: string, limit = 100): Promise<StoredExecution[]> {
    const { rows } = await this.#database.query<ExecutionRow>(
      `${SELECT} WHERE e.pipeline_id = $1 ORDER BY e.ordinal DESC LIMIT $2`,
      [pipelineId, limit],
    );
    return rows.map(toStored);
  }

  /**
   * Performs a transition: `decide` gets the current execution, under a lock, and returns the changes.
   * @param decide returns undefined if nothing has to change; if it throws, nothing changes
   * @returns the execution afterwards
   * @throws OrchestratorError `EXECUTION_NOT_FOUND`
   */
  async transition(
    executionId: string,
    decide: (
      execution: StoredExecution,
      transaction: Transaction,
    ) => Transition | undefined | Promise<Transition | undefined>,
  ): Promise<StoredExecution> {
    if (!isUuid(executionId)) throw executionNotFound(executionId);
    const { before, after } = await inTransaction(this.#database, async (transaction) => {
      // The pipeline is locked first, as in all other transactions: two locks in two orders could deadlock.
      await transaction.query(
        `SELECT 1 FROM mlops.pipelines WHERE id = (SELECT pipeline_id FROM mlops.executions WHERE id = $1) FOR UPDATE`,
        [executionId],
      );
      const before = await this.#locked(transaction, executionId);
      const transition = await decide(before, transaction);
      return { before, after: transition ? await this.#make(transaction, before, transition) : before };
    });
    if (after !== before) this.#observe(before, after);
    return after;
  }

  /** @returns those of the executions that were cancelled → by whom */
  async cancelled(executionIds: readonly string[]): Promise<Map<string, string>> {
    const { rows } = await this.#database.query<{ id: string; cancelled_by: string }>(
      'SELECT id, cancelled_by FROM mlops.executions WHERE id = ANY($1) AND cancelled_by IS NOT NULL',
      [executionIds],
    );
    return new Map(rows.map((row) => [row.id, row.cancelled_by]));
  }

  /** Whether a later execution of the same pipeline has already started: its changes must not be reverted. */
  async isSuperseded(executionId: string): Promise<boolean> {
    const { rows } = await this.#database.query(
      `SELECT 1 FROM mlops.executions mine JOIN mlops.executions later
           ON later.pipeline_id = mine.pipeline_id AND later.ordinal > mine.ordinal
        WHERE mine.id = $1 AND ${hasBegun('later')} LIMIT 1`,
      [executionId],
    );
    return rows.length > 0;
  }

  /** Executions whose approval request has expired by `now`. */
  async expired(now: Date): Promise<string[]> {
    return await this.#ids(
      `SELECT id FROM mlops.executions
        WHERE status = 'AwaitingApproval' AND (approval->>'expiresAt')::timestamptz <= $1`,
      [now],
    );
  }

  /** Executions with a deployed stage in its soak time. */
  async soaking(): Promise<string[]> {
    return await this.#ids(
      `SELECT id FROM mlops.executions WHERE status = 'InProgress'
          AND jsonb_path_exists(stages, '$[*] ? (@.status == "InProgress" && exists(@.soakUntil))')`,
    );
  }

  async #ids(query: string, values: unknown[] = []): Promise<string[]> {
    const { rows } = await this.#database.query<{ id: string }>(query, values);
    return rows.map(({ id }) => id);
  }

  async #locked(transaction: Transaction, executionId: string): Promise<StoredExecution> {
    const { rows } = await transaction.query<ExecutionRow>(`${SELECT} WHERE e.id = $1 FOR UPDATE OF e`, [executionId]);
    if (!rows[0]) throw executionNotFound(executionId);
    return toStored(rows[0]);
  }

  async #make(transaction: Transaction, before: StoredExecution, transition: Transition): Promise<StoredExecution> {
    const { executionId, pipelineId } = before;
    const stages = before.stages.map((stage) => ({ ...stage, ...transition.stages?.[stage.name] }));
    await transaction.query(
      `UPDATE mlops.executions
          SET status = $2, stages = $3, approval = $4, decisions = $5, approved = $6, cancelled_by = $7,
              blueprint_version = $8, attempt = attempt + $9, dispatched = CASE WHEN $9 > 0 THEN NULL ELSE dispatched END,
              updated = now()
        WHERE id = $1`,
      [
        executionId,
        transition.status ?? before.status,
        storableJson(stages),
        transition.approval === undefined ? jsonOrNull(before.approval) : jsonOrNull(transition.approval),
        storableJson([...(before.decisions ?? []), ...(transition.decision ? [transition.decision] : [])]),
        storableJson({ ...before.approved, ...transition.approved }),
        transition.cancelledBy === undefined ? before.cancelledBy : transition.cancelledBy,
        transition.blueprintVersion ?? before.blueprintVersion,
        transition.dispatch ? 1 : 0,
      ],
    );
    if (transition.events?.length) await this.#events.append(executionId, transition.events, transaction);
    // Subscribers of the events also wait for this: it may be the end of the stream.
    await transaction.query('SELECT pg_notify($1, $2)', [EVENTS_CHANNEL, executionId]);
    // Not if the pipeline was requested again in the meantime: it exists, or soon will.
    if (before.kind === 'destroy' && transition.status === 'Succeeded' && !before.supersededBy) {
      await transaction.query('UPDATE mlops.pipelines SET deleted = true, updated = now() WHERE id = $1', [pipelineId]);
    }
    if (transition.revive) await this.#revive(transaction, before);
    const after = await this.#locked(transaction, executionId);
    if (transition.audit) await addAuditEntry(transaction, { ...transition.audit, pipelineId, executionId });
    if (transition.notify) {
      const { kind, stage } = transition.notify;
      const about = after.stages.find(({ name }) => name === stage);
      await addNotification(transaction, executionNotification(kind, after, about, this.#publicUrl));
    }
    return after;
  }

  async #revive(transaction: Transaction, { executionId, pipelineId, kind, revision }: StoredExecution): Promise<void> {
    await this.#supersedeWaiting(transaction, pipelineId, executionId);
    if (kind === 'destroy') return;
    await transaction.query(
      'UPDATE mlops.pipelines SET revision = $2, deleted = false, updated = now() WHERE id = $1',
      [pipelineId, revision],
    );
  }

  /** Executions waiting for approval wait for a change that has been superseded. */
  async #supersedeWaiting(transaction: Transaction, pipelineId: string, byExecution: string): Promise<void> {
    const { rows } = await transaction.query<{ id: string }>(
      `SELECT id FROM mlops.executions WHERE pipeline_id = $1 AND status = 'AwaitingApproval' AND id <> $2 ORDER BY ordinal`,
      [pipelineId, byExecution],
    );
    for (const { id } of rows) {
      const before = await this.#locked(transaction, id);
      await this.#make(transaction, before, executionSuperseded(before));
    }
  }
}

function toStored(row: ExecutionRow): StoredExecution {
  return {
    executionId: row.id,
    pipelineId: row.pipeline_id,
    pipelineType: row.pipeline_type,
    kind: row.kind,
    revision: row.revision,
    status: row.status,
    requestedBy: row.requested_by,
    ...(row.origin ? { origin: row.origin } : {}),
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    stages: row.stages,
    ...(row.blueprint_version ? { blueprintVersion: row.blueprint_version } : {}),
    ...(row.approval ? { approval: row.approval } : {}),
    ...(row.decisions.length > 0 ? { decisions: row.decisions } : {}),
    ...(row.cancelled_by ? { cancelledBy: row.cancelled_by } : {}),
    ...(row.waits_for.length > 0 ? { waitsFor: row.waits_for } : {}),
    ordinal: Number(row.ordinal),
    attempt: row.attempt,
    approved: row.approved,
    ...(row.later ? { supersededBy: row.later } : {}),
  };
}

/** An execution in the API. */
export function toExecution(stored: StoredExecution): Execution {
  const {
    ordinal: _ordinal,
    attempt: _attempt,
    approved: _approved,
    supersededBy: _supersededBy,
    ...execution
  } = stored;
  const { approval, pipelineId, pipelineType } = execution;
  // An approver reads what the model is for and how it was made.
  if (!approval || !hasModel(pipelineType)) return execution;
  return { ...execution, approval: { ...approval, modelCard: cardPath(pipelineId) } };
}

/** What a queued execution consists of; its own row comes last. */
export function newExecution(execution: NewExecution): { id: string; insertions: Insertion[] } {
  const { pipelineId, kind, revision, stages, caller, origin, waitsFor = [], detail = {} } = execution;
  const id = randomUUID();
  return {
    id,
    insertions: [
      firstEvent(id, { type: 'execution.queued', data: { kind, requestedBy: caller } }),
      auditEntryInsertion({
        principal: caller,
        action: kind,
        pipelineId,
        executionId: id,
        detail: { revision, ...detail, ...(origin ? { origin } : {}) },
      }),
      {
        into: 'mlops.executions',
        row: {
          ...{ id, pipeline_id: pipelineId, kind, revision, status: 'Queued', requested_by: caller },
          ...{ stages: storableJson(stages), waits_for: waitsFor, origin: jsonOrNull(origin) },
          last_sequence: FIRST_SEQUENCE,
        },
      },
    ],
  };
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : storableJson(value);
}
