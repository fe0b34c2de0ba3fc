/** Structured logs on standard output; callers add pipelineId, executionId, environment. */
import pino from 'pino';
import type { Logger } from 'pino';

/** What must never be read in a log, wherever it stands. */
const SECRET_KEYS = ['password', 'secret', 'token', 'passphrase', 'authorization', 'databaseUrl', 'DATABASE_URL'];

export function createLogger(settings: { level: string }, destination?: pino.DestinationStream): Logger {
  return pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[secret]' },
    },
    destination ?? pino.destination({ dest: 1, sync: false }),
  );
}
