import type { FlagSet } from '../args.ts';
import type { Session } from '../session.ts';

/** One command of the CLI. */
export interface Command {
  flags: FlagSet;
  /** What short flags mean here, where it differs from the usual. */
  shorts?: Record<string, string>;
  /** @throws CliError */
  run(session: Session): void | Promise<void>;
}
