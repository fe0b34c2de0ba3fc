/**
 * Work that one process does at a time, whichever: a claim is a row with an end, so that a process that is stopped, cut
 * off or killed in the middle blocks the others for no longer than that. A session's advisory lock would end with its
 * connection only, which a stopped process keeps.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';

export interface Claim {
  /** False once another process may hold the claim: a process that was paused checks this before it continues. */
  isHeld(): boolean;
  /** Frees it at once; one that has passed to another stays his. */
  release(): Promise<void>;
}

/**
 * @param name of the work
 * @param seconds after which it is free again, whatever became of its holder
 * @returns undefined while another holds it
 */
export async function tryClaim(
  database: Pick<pg.Pool, 'query'>,
  name: string,
  seconds: number,
): Promise<Claim | undefined> {
  const token = randomUUID();
  // Counted from before the database sets the end, so that ours is never the later one.
  const end = performance.now() + seconds * 1_000;
  const { rowCount } = await database.query(
    `INSERT INTO mlops.claims AS held (name, token, expires) VALUES ($1, $2, now() + make_interval(secs => $3))
     ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires = excluded.expires WHERE held.expires <= now()`,
    [name, token, seconds],
  );
  if (rowCount !== 1) return undefined;
  return {
    isHeld: () => performance.now() < end,
    release: async () => {
      await database.query('DELETE FROM mlops.claims WHERE name = $1 AND token = $2', [name, token]);
    },
  };
}
