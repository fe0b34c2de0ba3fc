/**
 * Previews and histories that take longer than their caller's connection may: the work goes on, and its answer is kept in
 * the database for an hour, where any process of the service finds it. Called by the orchestrator.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../platform/database.ts';
import { untilDatabaseBack } from '../platform/database.ts';
import type { Worker } from '../platform/workers.ts';
import { OrchestratorError } from '../errors.ts';
import { storableJson } from '../platform/storable.ts';

const KEPT_HOURS = 1;

export type DeferredReadKind = 'preview' | 'history';

/** A read whose answer is fetched later. */
export interface DeferredRead {
  operationId: string;
  kind: DeferredReadKind;
  requestedBy: string;
  status: 'InProgress' | 'Succeeded' | 'Failed';
  /** ISO time. */
  created: string;
  ended?: string;
  /** What the call would have answered. */
  result?: unknown;
  /** Why there is no result. */
  error?: { code: string; message: string };
}

type Outcome = Pick<DeferredRead, 'status' | 'result' | 'error'>;

interface DeferredReadRow {
  id: string;
  kind: DeferredReadKind;
  requested_by: string;
  status: DeferredRead['status'];
  created: Date;
  ended: Date | null;
  result: unknown;
  error: DeferredRead['error'] | null;
  lost: boolean;
}

export class DeferredReads {
  readonly #database: Database;
  readonly #self: Worker;
  readonly #logger: Logger;

  constructor(database: Database, self: Worker, logger: Logger) {
    this.#database = database;
    this.#self = self;
    this.#logger = logger;
  }

  /** Stores the result of `running`. @returns the operation, with its status so far */
  async defer(kind: DeferredReadKind, caller: string, running: Promise<unknown>): Promise<DeferredRead> {
    const id = randomUUID();
    // Handled from now on: it may fail before its row exists.
    const outcome = running.then(
      (result): Outcome => ({ status: 'Succeeded', result }),
      (error: unknown): Outcome => ({ status: 'Failed', error: errorOf(error) }),
    );
    await this.#database.query(`DELETE FROM mlops.operations WHERE created < now() - make_interval(hours => $1)`, [
      KEPT_HOURS,
    ]);
    await this.#database.query(
      'INSERT INTO mlops.operations (id, kind, requested_by, worker_id) VALUES ($1, $2, $3, $4)',
      [id, kind, caller, this.#self.id],
    );
    outcome
      .then((end) => this.#end(id, end))
      .catch((error: unknown) => this.#logger.warn({ err: error, operationId: id }, 'an answer could not be kept'));
    return await this.get(id);
  }

  /** @param id a UUID. @throws OrchestratorError `OPERATION_NOT_FOUND` */
  async get(id: string): Promise<DeferredRead> {
    const { rows } = await this.#database.query<DeferredReadRow>(
      `SELECT o.*, o.status = 'InProgress' AND NOT EXISTS
                (SELECT 1 FROM mlops.workers w WHERE w.id = o.worker_id AND w.ended IS NULL) AS lost
         FROM mlops.operations o WHERE o.id = $1`,
      [id],
    );
    const [row] = rows;
    if (!row) {
      throw new OrchestratorError(
        'OPERATION_NOT_FOUND',
        `There is no operation ${id}. Results are kept for ${KEPT_HOURS} hour; send the request again.`,
      );
    }
    return toDeferredRead(row);
  }

  async #end(id: string, { status, result = null, error }: Outcome): Promise<void> {
    await untilDatabaseBack(() =>
      this.#database.query(
        'UPDATE mlops.operations SET status = $2, result = $3, error = $4, ended = now() WHERE id = $1',
        [id, status, storableJson(result), error ? storableJson(error) : null],
      ),
    );
  }
}

function toDeferredRead(row: DeferredReadRow): DeferredRead {
  const lost = {
    code: 'OPERATION_CRASHED',
    message: 'The service process that ran it has ended. Send the request again.',
  };
  return {
    operationId: row.id,
    kind: row.kind,
    requestedBy: row.requested_by,
    status: row.lost ? 'Failed' : row.status,
    created: row.created.toISOString(),
    ...(row.ended ? { ended: row.ended.toISOString() } : {}),
    ...(row.status === 'Succeeded' ? { result: row.result } : {}),
    ...(row.lost ? { error: lost } : row.error ? { error: row.error } : {}),
  };
}

/** What is not known to callers stays in the log, as in every answer. */
function errorOf(error: unknown): NonNullable<DeferredRead['error']> {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string' && error instanceof OrchestratorError
    ? { code, message: String(message) }
    : { code: 'INTERNAL', message: 'This is an error of the service. See its log for the cause.' };
}
