/**
 * The fence between an operation that may still be running somewhere and its successor: the session in which it works is
 * denied everything by AWS before the successor touches the stack. Called by `LeasedOperations` under the new lease.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Cloud } from '../aws/cloud.ts';
import type { Environment } from '../config/environments.ts';
import type { Database } from '../platform/database.ts';
import { inTransaction } from '../platform/database.ts';

export interface FenceDependencies {
  database: Database;
  cloud: Pick<Cloud, 'writeFence' | 'isFenced'>;
  logger: Logger;
}

/** What became of a fence: it holds, or why there is none. */
export type FenceOutcome = { held: true } | { held: false; reason: string };

/**
 * Longest session of any role (12 hours) and a while: credentials of a session that was fenced before are void.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html
 */
const FENCED_FOR_HOURS = 13;
/**
 * A role's inline policies have at most 10,240 characters together; a session takes 70.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
const MAX_SESSIONS = 100;
/** IAM says "seconds"; rarely it is a minute. */
const HOLD_TIMEOUT_MS = 120_000;
const HOLD_POLL_MS = 1_000;
/** A service runs on many machines: some may deny access already while others do not yet. */
const CONSECUTIVE_DENIALS = 3;

export class Fence {
  readonly #dependencies: FenceDependencies;

  constructor(dependencies: FenceDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Shuts sessions out and waits until AWS enforces it.
   * @param pollMs interval between two checks of whether it is enforced
   * @throws what AWS says, if it is anything but that there is no permission; the operation is not begun then
   */
  async shutOut(environment: Environment, sessions: readonly string[], pollMs = HOLD_POLL_MS): Promise<FenceOutcome> {
    if (environment.deploymentRoleArn === '') {
      return {
        held: false,
        reason: 'the environment has no deployment role: operations use the credentials of the service',
      };
    }
    const { refused } = await this.#write(environment, sessions);
    if (refused) return { held: false, reason: refused };
    const deadline = performance.now() + HOLD_TIMEOUT_MS;
    for (const session of sessions) {
      for (let denials = 0; denials < CONSECUTIVE_DENIALS;) {
        denials = (await this.#dependencies.cloud.isFenced(environment, session)) ? denials + 1 : 0;
        if (denials < CONSECUTIVE_DENIALS && performance.now() > deadline) {
          return {
            held: false,
            reason: `AWS did not enforce the policy for ${session} within ${HOLD_TIMEOUT_MS / 1_000} s`,
          };
        }
        if (denials < CONSECUTIVE_DENIALS) await delay(pollMs);
      }
    }
    return { held: true };
  }

  /** Removes from every role the sessions that have expired. Called now and then; a role that is gone is forgotten. */
  async clear(environments: readonly Environment[]): Promise<void> {
    const { database, logger } = this.#dependencies;
    const { rows } = await database.query<{ role_arn: string }>(
      'SELECT DISTINCT role_arn FROM mlops.fenced_sessions WHERE fenced < now() - make_interval(hours => $1)',
      [FENCED_FOR_HOURS],
    );
    for (const { role_arn: roleArn } of rows) {
      const environment = environments.find(({ deploymentRoleArn }) => deploymentRoleArn === roleArn);
      const { refused } = environment
        ? await this.#write(environment, [])
        : { refused: 'no environment has this deployment role any more' };
      if (refused) {
        logger.warn({ roleArn, reason: refused }, 'sessions that were shut out cannot be cleared');
        await database.query('DELETE FROM mlops.fenced_sessions WHERE role_arn = $1', [roleArn]);
      }
    }
  }

  /** The rows are the truth, the policy a copy of them: a lock per role keeps two writers from overwriting each other's. */
  async #write(environment: Environment, added: readonly string[]): Promise<{ refused?: string }> {
    const { database, cloud } = this.#dependencies;
    const { deploymentRoleArn: roleArn } = environment;
    return await inTransaction(database, async (transaction) => {
      await transaction.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`fence ${roleArn}`]);
      await transaction.query(
        `INSERT INTO mlops.fenced_sessions (role_arn, session) SELECT $1, unnest($2::text[])
         ON CONFLICT (role_arn, session) DO UPDATE SET fenced = now()`,
        [roleArn, added],
      );
      await transaction.query(
        `DELETE FROM mlops.fenced_sessions WHERE role_arn = $1 AND (fenced < now() - make_interval(hours => $2)
            OR session NOT IN (SELECT session FROM mlops.fenced_sessions WHERE role_arn = $1 ORDER BY fenced DESC LIMIT $3))`,
        [roleArn, FENCED_FOR_HOURS, MAX_SESSIONS],
      );
      const { rows } = await transaction.query<{ session: string }>(
        'SELECT session FROM mlops.fenced_sessions WHERE role_arn = $1 ORDER BY session',
        [roleArn],
      );
      return await cloud.writeFence(
        environment,
        rows.map(({ session }) => session),
      );
    });
  }
}
