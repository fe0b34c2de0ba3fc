/** Exit codes and error messages of `mlops`; docs/cli.md lists the codes. */
import { StreamLost } from '../../client/follow.ts';
import { NotTheApi, OperationFailed, UnexpectedAnswer } from './client.ts';

export const EXIT = {
  done: 0,
  /** The execution failed, was rejected, cancelled or superseded; drift was found. */
  failed: 1,
  /** A misspelled command, flag or value, or an invalid request (400). */
  usage: 2,
  /** The execution waits for approval. */
  awaitsApproval: 3,
  notFound: 4,
  /** Valid, but rejected: missing role, conflict, protection. */
  refused: 5,
  /** No response from the service, or 429 or 5xx. */
  unavailable: 6,
  /** Ctrl-C, as a shell reports it. */
  interrupted: 130,
} as const;

/** A mistake in the command line or the file; nothing was sent that changes anything. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** The service was not reached. */
export class Unreachable extends Error {
  constructor(url: URL, cause: unknown) {
    const { code, message } = ((cause as Error).cause ?? cause) as { code?: string; message: string };
    const way = isLoopback(url.hostname)
      ? 'Start the sandbox with "npm run sandbox", or give the address of the service with --url or MLOPS_URL.'
      : 'Check --url or MLOPS_URL: the orchestrator stack has the address in its output apiUrl.';
    super(`${url.origin} cannot be reached (${code ?? message}). ${way}`, { cause });
    this.name = 'Unreachable';
  }
}

export function isLoopback(hostname: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

interface ErrorBody {
  message?: string;
  detailedMessage?: string;
  errors?: { pointer: string; message: string; allowed?: unknown[] }[];
  requestId?: string;
}

/** What happened and how to resolve it. Values that were sent are not repeated, because they may be secret. */
export function errorLines(error: unknown): string[] {
  if (!(error instanceof UnexpectedAnswer)) {
    const code = error instanceof OperationFailed ? ` (${error.code})` : '';
    return [`error: ${(error as Error).message}${code}`];
  }
  const { message, detailedMessage, errors = [], requestId } = bodyOf(error);
  const code = [error.code, `HTTP ${error.status}`].filter(Boolean).join(', ');
  const faults = errors.map(({ pointer, message: fault, allowed }) => {
    const choice = allowed && !fault.includes(String(allowed[0])) ? ` (allowed: ${allowed.join(', ')})` : '';
    return `  ${pointer || '(whole body)'}: ${fault}${choice}`;
  });
  return [
    // One fault is its own summary.
    `error: ${detailedMessage ?? message ?? 'the service gave no reason'} (${code})`,
    ...(errors.length === 1 && faults[0]?.endsWith(`: ${detailedMessage ?? ''}`) ? [] : faults),
    ...(error.code === undefined && error.status === 403 ? [`  ${UNSIGNED}`] : []),
    ...(requestId ? [`  request id ${requestId}`] : []),
  ];
}

const UNSIGNED =
  'The gateway rejected the request: check --profile and --region, and that the role may invoke the API (execute-api:Invoke).';

function bodyOf({ body }: UnexpectedAnswer): ErrorBody {
  return typeof body === 'object' && body !== null ? body : {};
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || (error as { code?: unknown }).code === 'CONFIG_INVALID') return EXIT.usage;
  if (error instanceof Unreachable || error instanceof StreamLost || error instanceof NotTheApi)
    return EXIT.unavailable;
  if (!(error instanceof UnexpectedAnswer)) return EXIT.failed;
  const { status } = error;
  if (status === 400) return EXIT.usage;
  if (status === 404) return EXIT.notFound;
  return status >= 500 || status === 429 ? EXIT.unavailable : EXIT.refused;
}
