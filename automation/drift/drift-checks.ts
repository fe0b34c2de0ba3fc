/** Drift checks in PostgreSQL: requests, progress, results. Nothing here runs anything. */
import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../../blueprints/request/digest.ts';
import { addAuditEntry } from '../audit/record.ts';
import type { CursorPage, CursorQuery } from '../platform/paging.ts';
import { cursorPage } from '../platform/paging.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { inTransaction } from '../platform/database.ts';
import type { EnvironmentName } from '../config/environments.ts';
import { addNotification } from '../notifications/notifications.ts';
import type { DriftCheck, DriftCheckStatus, DriftFinding, StageError } from '../model.ts';
import { driftNotification } from './drift-notification.ts';
import { storableJson } from '../platform/storable.ts';

/** Result of a check. Plain JSON: it is the result of a workflow step. */
export type DriftOutcome = { findings: DriftFinding[] } | { error: StageError };

export interface NewDriftCheck {
  /** Default: a new one. Set by callers that may retry the same check. */
  checkId?: string;
  pipelineId: string;
  environment: EnvironmentName;
  stack: string;
}

interface DriftCheckRow {
  id: string;
  pipeline_id: string;
  environment: EnvironmentName;
  stack: string;
  status: DriftCheckStatus;
  requested_by: string;
  created: Date;
  started: Date | null;
  ended: Date | null;
  findings: DriftFinding[];
  error: StageError | null;
  outdated: boolean;
}

const UNFINISHED = `('Queued', 'InProgress')`;

/** SQL: whether anything has been deployed to the environment of a check, or removed from it, since. */
export function outdated(check: string): string {
  return `EXISTS (
           SELECT 1 FROM mlops.executions e CROSS JOIN jsonb_array_elements(e.stages) AS stage
            WHERE e.pipeline_id = ${check}.pipeline_id
              AND stage->>'environment' = ${check}.environment
              AND stage->>'kind' IN ('deploy', 'destroy')
              AND stage->>'status' IN ('Succeeded', 'Failed')
              AND (stage->>'ended')::timestamptz > coalesce(${check}.started, ${check}.created)
         )`;
}

const SELECT = `SELECT c.*, ${outdated('c')} AS outdated FROM mlops.drift_checks c`;

export class DriftChecks {
  readonly #database: Database;
  readonly #publicUrl: string;

  /** @param publicUrl public URL of the API, for the links in notifications; empty: only paths */
  constructor(database: Database, publicUrl: string) {
    this.#database = database;
    this.#publicUrl = publicUrl;
  }

  /**
   * Adds checks of one pipeline; a stack with a queued or running check does not get a second one.
   * @param caller for the audit log; omitted for checks by the schedule
   * @returns the check of each stack, new or not
   */
  async add(
    checks: readonly NewDriftCheck[],
    caller?: string,
  ): Promise<{ checkId: string; environment: EnvironmentName }[]> {
    return await inTransaction(this.#database, async (transaction) => {
      const added = [];
      for (const check of checks) {
        added.push({
          checkId: await insertOnce(transaction, check, caller ?? 'schedule'),
          environment: check.environment,
        });
      }
      const [first] = checks;
      if (caller && first) {
        await addAuditEntry(transaction, {
          principal: caller,
          action: 'drift-check',
          pipelineId: first.pipelineId,
          detail: { checks: added },
        });
      }
      return added;
    });
  }

  /** Checks that have not been queued yet, oldest first. */
  async undispatched(): Promise<string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      'SELECT id FROM mlops.drift_checks WHERE dispatched IS NULL ORDER BY ordinal',
    );
    return rows.map(({ id }) => id);
  }

  async markDispatched(checkId: string): Promise<void> {
    await this.#database.query('UPDATE mlops.drift_checks SET dispatched = now() WHERE id = $1', [checkId]);
  }

  /** @returns undefined if the check has ended or does not exist */
  async begin(checkId: string): Promise<DriftCheck | undefined> {
    const { rowCount } = await this.#database.query(
      `UPDATE mlops.drift_checks SET status = 'InProgress', started = coalesce(started, now())
        WHERE id = $1 AND status IN ${UNFINISHED}`,
      [checkId],
    );
    return rowCount === 1 ? await this.get(checkId) : undefined;
  }

  async get(checkId: string): Promise<DriftCheck> {
    const { rows } = await this.#database.query<DriftCheckRow>(`${SELECT} WHERE c.id = $1`, [checkId]);
    if (!rows[0]) throw new Error(`there is no drift check ${checkId}`);
    return toCheck(rows[0]);
  }

  /**
   * Records the result of a check once, and notifies of drift that has not been reported before, because the same message
   * every night would soon be ignored.
   */
  async finish(checkId: string, outcome: DriftOutcome): Promise<void> {
    const findings = 'findings' in outcome ? outcome.findings : [];
    const error = 'error' in outcome ? outcome.error : null;
    const status: DriftCheckStatus = error ? 'Failed' : findings.length > 0 ? 'Drifted' : 'InSync';
    await inTransaction(this.#database, async (transaction) => {
      const { rowCount } = await transaction.query(
        `UPDATE mlops.drift_checks SET status = $2, ended = now(), findings = $3, error = $4
          WHERE id = $1 AND status IN ${UNFINISHED}`,
        [checkId, status, storableJson(findings), error && storableJson(error)],
      );
      if (rowCount !== 1 || status !== 'Drifted') return;
      const { rows } = await transaction.query<DriftCheckRow>(`${SELECT} WHERE c.id = $1`, [checkId]);
      const check = rows[0] && toCheck(rows[0]);
      if (check && !(await isKnown(transaction, check))) {
        await addNotification(transaction, driftNotification(check, this.#publicUrl));
      }
    });
  }

  /** The newest check of each environment. */
  async newest(pipelineId: string): Promise<DriftCheck[]> {
    const { rows } = await this.#database.query<DriftCheckRow>(
      `SELECT DISTINCT ON (newest.environment) newest.* FROM (${SELECT} WHERE c.pipeline_id = $1) AS newest
        ORDER BY newest.environment, newest.ordinal DESC`,
      [pipelineId],
    );
    return rows.map(toCheck);
  }

  /** Newest first, the last hundred. */
  async history(pipelineId: string, { limit, after }: CursorQuery): Promise<CursorPage<DriftCheck>> {
    const { rows } = await this.#database.query<DriftCheckRow>(
      `${SELECT} WHERE c.pipeline_id = $1
         AND ($3::uuid IS NULL OR c.ordinal < (SELECT ordinal FROM mlops.drift_checks WHERE id = $3))
       ORDER BY c.ordinal DESC LIMIT $2`,
      [pipelineId, limit + 1, after ?? null],
    );
    return cursorPage(rows.map(toCheck), limit, ({ checkId }) => checkId);
  }

  /**
   * Idle pipelines, including those waiting for approval.
   * @param pipelineId default: all of them
   */
  async idlePipelines(pipelineId?: string): Promise<string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      `SELECT id FROM mlops.pipelines p
        WHERE NOT deleted AND ($1::text IS NULL OR id = $1) AND NOT EXISTS (
          SELECT 1 FROM mlops.executions e WHERE e.pipeline_id = p.id AND e.status IN ${UNFINISHED})
        ORDER BY id`,
      [pipelineId],
    );
    return rows.map(({ id }) => id);
  }
}

async function insertOnce(transaction: Transaction, check: NewDriftCheck, requestedBy: string): Promise<string> {
  const { checkId = randomUUID(), pipelineId, environment, stack } = check;
  for (;;) {
    const { rows: inserted } = await transaction.query<{ id: string }>(
      `INSERT INTO mlops.drift_checks (id, pipeline_id, environment, stack, status, requested_by)
       VALUES ($1, $2, $3, $4, 'Queued', $5) ON CONFLICT DO NOTHING RETURNING id`,
      [checkId, pipelineId, environment, stack, requestedBy],
    );
    if (inserted[0]) return inserted[0].id;
    const { rows: there } = await transaction.query<{ id: string }>(
      `SELECT id FROM mlops.drift_checks WHERE id = $1 OR (stack = $2 AND status IN ${UNFINISHED})`,
      [checkId, stack],
    );
    // None: the conflicting check has ended between the two statements.
    if (there[0]) return there[0].id;
  }
}

/** Whether the previous check, if it is still valid, found the same. */
async function isKnown(transaction: Transaction, check: DriftCheck): Promise<boolean> {
  const { rows } = await transaction.query<DriftCheckRow>(
    `${SELECT} WHERE c.pipeline_id = $1 AND c.environment = $2 AND c.status IN ('InSync', 'Drifted') AND c.id <> $3
      ORDER BY c.ordinal DESC LIMIT 1`,
    [check.pipelineId, check.environment, check.checkId],
  );
  const former = rows[0];
  return former !== undefined && !former.outdated && canonicalJson(former.findings) === canonicalJson(check.findings);
}

function toCheck(row: DriftCheckRow): DriftCheck {
  return {
    checkId: row.id,
    pipelineId: row.pipeline_id,
    environment: row.environment,
    stack: row.stack,
    status: row.status,
    requestedBy: row.requested_by,
    created: row.created.toISOString(),
    ...(row.started ? { started: row.started.toISOString() } : {}),
    ...(row.ended ? { ended: row.ended.toISOString() } : {}),
    findings: row.findings,
    ...(row.error ? { error: row.error } : {}),
    outdated: row.outdated,
  };
}
