/** A database with our tables and nothing in them. */
import pino from 'pino';
import type { Database } from '../../automation/platform/database.ts';
import { openDatabase } from '../../automation/platform/database.ts';
import { createDatabase } from './database.ts';

export const silent = pino({ level: 'silent' });

export interface EmptyDatabase {
  readonly url: string;
  readonly database: Database;
  stop(): Promise<void>;
}

export async function emptyDatabase(): Promise<EmptyDatabase> {
  const own = await createDatabase();
  const database = await openDatabase({ url: own.url, waitSeconds: 30 }, silent);
  return {
    url: own.url,
    database,
    stop: async () => {
      await database.end();
      await own.drop();
    },
  };
}
