/** Reads what the subscribers of executions are told. */
import type { Database } from '../platform/database.ts';
import { isUuid } from '../platform/ids.ts';
import type { ExecutionEvent, ExecutionStatus } from '../model.ts';

/** Of one execution, oldest first. */
export interface EventsRead {
  /** When the events were read; undefined if there is no such execution. */
  status: ExecutionStatus | undefined;
  events: ExecutionEvent[];
}

/** Events of an execution that are read at a time. */
export const PAGE = 500;
/** Executions in one statement: with full pages, some megabytes. */
const TOGETHER = 20;

interface Wanted {
  executionId: string;
  after: number;
  resolve: (read: EventsRead) => void;
  reject: (error: unknown) => void;
}

interface Row {
  /** Of the execution among those in the statement, from 1. */
  position: string;
  status: ExecutionStatus;
  /** Null for an execution without further events. */
  sequence: string | null;
  at: Date;
  type: string;
  stage: string | null;
  environment: ExecutionEvent['environment'] | null;
  data: Record<string, unknown>;
}

/**
 * One read at a time: what is wanted meanwhile is read together by the next one. A hundred who subscribe at once would keep
 * requests waiting otherwise.
 */
export class EventReads {
  readonly #database: Pick<Database, 'query'>;
  #wanted: Wanted[] = [];
  #isReading = false;

  constructor(database: Pick<Database, 'query'>) {
    this.#database = database;
  }

  /** The status of an execution, and up to {@link PAGE} of its events after a sequence number. */
  async after(executionId: string, sequence: number): Promise<EventsRead> {
    if (!isUuid(executionId)) return { status: undefined, events: [] };
    const { promise, resolve, reject } = Promise.withResolvers<EventsRead>();
    this.#wanted.push({ executionId, after: sequence, resolve, reject });
    if (!this.#isReading) void this.#readAll();
    return await promise;
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    while (this.#wanted.length > 0) {
      const wanted = this.#wanted.splice(0, TOGETHER);
      try {
        const reads = await this.#read(wanted);
        wanted.forEach(({ resolve }, index) => resolve(reads[index] ?? { status: undefined, events: [] }));
      } catch (error) {
        for (const { reject } of wanted) reject(error);
      }
    }
    this.#isReading = false;
  }

  async #read(wanted: readonly Wanted[]): Promise<(EventsRead | undefined)[]> {
    const { rows } = await this.#database.query<Row>({
      // Prepared, because planning costs more than running it.
      name: 'events-after',
      text: `SELECT wanted.position, execution.status, event.*
               FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS wanted (id, after, position)
               JOIN mlops.executions execution ON execution.id = wanted.id
               LEFT JOIN LATERAL (SELECT sequence, at, type, stage, environment, data FROM mlops.execution_events
                                   WHERE execution_id = wanted.id AND sequence > wanted.after
                                   ORDER BY sequence LIMIT ${PAGE}) event ON true
              ORDER BY wanted.position, event.sequence`,
      values: [wanted.map(({ executionId }) => executionId), wanted.map(({ after }) => after)],
    });
    const reads: EventsRead[] = [];
    for (const row of rows) {
      const read = (reads[Number(row.position) - 1] ??= { status: row.status, events: [] });
      if (row.sequence !== null) read.events.push(toEvent(row, row.sequence));
    }
    return reads;
  }
}

function toEvent(row: Row, sequence: string): ExecutionEvent {
  return {
    sequence: Number(sequence),
    at: row.at.toISOString(),
    type: row.type,
    ...(row.stage ? { stage: row.stage } : {}),
    ...(row.environment ? { environment: row.environment } : {}),
    data: row.data,
  };
}
