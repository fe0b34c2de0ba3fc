/**
 * A failure that the CLI reports: `error: <message>` on stderr and an exit code.
 * @see https://www.pulumi.com/docs/iac/cli/
 */
export class CliError extends Error {
  readonly exitCode: number;
  /** False if everything worth saying has been printed (a failed update prints its diagnostics). */
  readonly printed: boolean;

  constructor(message: string, options: { exitCode?: number; printed?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? 1;
    this.printed = options.printed ?? false;
  }
}

/** The exit code by which the Automation API's `createOrSelectStack` recognizes that the stack does not exist. */
export const STACK_NOT_FOUND_EXIT_CODE = 6;

/** Exit code of an operation that was expected to change nothing (`--expect-no-changes`). */
export const NO_CHANGES_EXIT_CODE = 7;

/** @returns the text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
