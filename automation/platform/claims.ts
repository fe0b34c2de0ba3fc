/**
 * Work that only one process does at a time: a claim is a row that expires, so that a process that is paused, disconnected or
 * killed in the middle blocks the others no longer than that. An advisory lock of a session would only end with its
 * connection, which a paused process keeps. The claim of a holder known to have ended is free immediately.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { isAlive, processSpace, processStart } from './process-identity.ts';

export interface Claim {
  /** False once another process may hold the claim: a process that was paused checks this before it continues. */
  isHeld(): boolean;
  /** Releases it immediately, unless it has passed to another process. */
  release(): Promise<void>;
}

interface Holder {
  space: string;
  pid: number | null;
  started: string | null;
}

/**
 * @param name of the work
 * @param seconds after which it is free again, regardless of its holder
 * @returns undefined while another holds it
 */
export async function tryClaim(
  database: Pick<pg.Pool, 'query'>,
  name: string,
  seconds: number,
): Promise<Claim | undefined> {
  const token = randomUUID();
  const own = await ownIdentity();
  await freeOfEnded(database, name, own.space);
  // Measured before the database sets the expiry, so that ours is never later.
  const end = performance.now() + seconds * 1_000;
  const { rowCount } = await database.query(
    `INSERT INTO mlops.claims AS held (name, token, expires, space, pid, started)
     VALUES ($1, $2, now() + make_interval(secs => $3), $4, $5, $6)
     ON CONFLICT (name) DO UPDATE
       SET token = excluded.token, expires = excluded.expires, space = excluded.space, pid = excluded.pid, started = excluded.started
       WHERE held.expires <= now()`,
    [name, token, seconds, own.space, own.pid, own.started],
  );
  if (rowCount !== 1) return undefined;
  return {
    isHeld: () => performance.now() < end,
    release: async () => {
      await database.query('DELETE FROM mlops.claims WHERE name = $1 AND token = $2', [name, token]);
    },
  };
}

let identity: Promise<Holder> | undefined;

/** Does not change while the process runs. */
function ownIdentity(): Promise<Holder> {
  identity ??= Promise.all([processSpace(), processStart(process.pid)]).then(([space, started]) => ({
    space,
    pid: process.pid,
    started: started ?? null,
  }));
  return identity;
}

/** A process id says something about the holder only within the same PID namespace of the same boot. */
async function freeOfEnded(database: Pick<pg.Pool, 'query'>, name: string, space: string): Promise<void> {
  if (space === '') return;
  const { rows } = await database.query<Holder & { token: string }>(
    'SELECT token, space, pid, started FROM mlops.claims WHERE name = $1 AND space = $2 AND expires > now()',
    [name, space],
  );
  const [held] = rows;
  if (!held || held.pid === null || held.started === null || (await isAlive(held.pid, held.started))) return;
  await database.query('DELETE FROM mlops.claims WHERE name = $1 AND token = $2', [name, held.token]);
}
