/** Structured logs on standard output or in a file; callers add pipelineId, executionId, environment. */
import pino from 'pino';
import type { Logger } from 'pino';
import { MASK, secretMask } from '../config/secret-values.ts';
import { LogDestination } from './log-destination.ts';

/** Keys whose values are never logged, at any depth. */
const SECRET_KEYS = ['password', 'secret', 'token', 'passphrase', 'authorization', 'databaseUrl', 'DATABASE_URL'];

interface LogSettings {
  readonly level: string;
  /** Path of a file; default: standard output. */
  readonly file?: string;
  /** Values that are masked anywhere in a line ({@link secretValues}); default: none. */
  readonly secrets?: readonly string[];
}

/** @param destination for tests; default: from the settings */
export function createLogger(settings: LogSettings, destination?: pino.DestinationStream): Logger {
  const logger: Logger = pino(
    {
      level: settings.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: secretMask(settings.secrets ?? []) },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: MASK },
    },
    destination ??
      new LogDestination(settings.file ?? 1, (dropped) => {
        logger.warn({ dropped }, 'the log can be written again');
      }),
  );
  return logger;
}
