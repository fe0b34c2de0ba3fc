/** A database with our tables and nothing in them. */
import { join } from 'node:path';
import pino from 'pino';
import type { Database } from '../../automation/platform/database.ts';
import { openDatabase } from '../../automation/platform/database.ts';
import { startPostgres } from '../../sandbox/postgres.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

export const silent = pino({ level: 'silent' });

export interface EmptyDatabase {
  readonly url: string;
  readonly database: Database;
  stop(): Promise<void>;
}

export async function emptyDatabase(): Promise<EmptyDatabase> {
  const folder = await temporaryFolder();
  const postgres = await startPostgres(join(folder.path, 'postgres'));
  const database = await openDatabase({ url: postgres.url, waitSeconds: 30 }, silent);
  return {
    url: postgres.url,
    database,
    stop: async () => {
      await database.end();
      await postgres.stop();
      await folder.remove();
    },
  };
}
