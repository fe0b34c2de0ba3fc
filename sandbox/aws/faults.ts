/**
 * Injected faults, for tests and demonstrations: `SANDBOX_FAULTS` is a JSON list of them. How often one has struck is
 * counted on disk, since one deployment is many processes.
 */
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import Joi from 'joi';
import { ProviderError } from '../provider.ts';
import { AwsRefusal } from './aws-errors.ts';
import { isCode } from './files.ts';
import { pause } from './waiting.ts';

export const FAULT_OPERATIONS = ['create', 'update', 'delete', 'read', 'check', 'diff', 'invoke', 'configure'] as const;
export type FaultOperation = (typeof FAULT_OPERATIONS)[number];

export const FAULT_ACTIONS = ['fail', 'hang', 'crash', 'lost', 'partial', 'rollback', 'delay'] as const;
export type FaultAction = (typeof FAULT_ACTIONS)[number];

export interface Fault {
  /** Resource type or function token, `pulumi:providers:aws` for configure; `*` (default) for all. */
  type: string;
  operation: FaultOperation;
  /** How many calls it strikes, over all processes and restarts on the same directory; default 1, 0 = every one. */
  times: number;
  message: string;
  /** AWS error code; default `InternalFailure`. */
  code: string;
  /** Milliseconds to wait first, before or after the call as `when` says; default 0. */
  latencyMs: number;
  /** `after`: the call has had its effect when it fails, hangs or crashes. Default `before`. */
  when: 'before' | 'after';
  /** Strikes only URNs that contain this text. */
  match: string;
  /**
   * `fail` (default), `hang` until cancelled, `crash` the process (SIGKILL), `lost`: the engine loses its connection to the
   * provider, as if that had crashed alone, `partial`: the resource exists but did not become ready, `rollback`: an endpoint
   * update reports success but the former configuration stays, `delay`: only slow.
   */
  action: FaultAction;
}

const schema = Joi.array().items(
  Joi.object({
    type: Joi.string().default('*'),
    operation: Joi.string()
      .valid(...FAULT_OPERATIONS)
      .required(),
    times: Joi.number().integer().min(0).default(1),
    message: Joi.string().default('A fault was injected by SANDBOX_FAULTS.'),
    code: Joi.string()
      .pattern(/^[A-Za-z.]+$/)
      .default('InternalFailure'),
    latencyMs: Joi.number().integer().min(0).max(3_600_000).default(0),
    when: Joi.string().valid('before', 'after').default('before'),
    match: Joi.string().allow('').default(''),
    action: Joi.string()
      .valid(...FAULT_ACTIONS)
      .default('fail'),
  }),
);

/** @returns the faults, or everything that is wrong with the text. */
export function parseFaults(json: string): { faults: Fault[]; problems: string[] } {
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch (error) {
    return { faults: [], problems: [`is not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const { value, error } = schema.validate(list, { abortEarly: false });
  const problems = error?.details.map((detail) => detail.message) ?? [];
  const faults = error ? [] : (value as Fault[]);
  faults.forEach((fault, index) => {
    if (fault.action === 'rollback' && fault.operation !== 'update') {
      problems.push(`"[${index}].action" rollback goes with operation update only`);
    }
    if (fault.action === 'partial' && fault.operation !== 'create' && fault.operation !== 'update') {
      problems.push(`"[${index}].action" partial goes with operation create or update only`);
    }
  });
  return { faults, problems };
}

export class Faults {
  private readonly armed: readonly { fault: Fault; counter: string }[];

  /** @param directory where strikes are counted */
  constructor(faults: readonly Fault[], directory: string) {
    this.armed = faults.map((fault, index) => {
      const digest = createHash('sha256')
        .update(`${index} ${JSON.stringify(fault)}`)
        .digest('hex')
        .slice(0, 16);
      return { fault, counter: join(directory, 'faults', digest) };
    });
  }

  /** The first fault that is armed for this call; taking it counts as one of its strikes. */
  async take(operation: FaultOperation, type: string, urn: string): Promise<Fault | undefined> {
    for (const { fault, counter } of this.armed) {
      if (fault.operation !== operation || (fault.type !== '*' && fault.type !== type)) continue;
      if (!urn.includes(fault.match)) continue;
      if (fault.times === 0 || (await claim(counter, fault.times))) return fault;
    }
    return undefined;
  }
}

/** Claims one of `times` strikes by creating its file, which only one process can do. */
async function claim(counter: string, times: number): Promise<boolean> {
  await mkdir(counter, { recursive: true });
  for (let number = 1; number <= times; number++) {
    try {
      await (await open(join(counter, String(number)), 'wx')).close();
      return true;
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
    }
  }
  return false;
}

const STATUS_OF: Record<string, number> = { AccessDenied: 403, AccessDeniedException: 403, InternalFailure: 500 };

/** The fault as AWS would word it. */
export function refusalOf(fault: Fault): AwsRefusal {
  return new AwsRefusal(fault.code, fault.message, STATUS_OF[fault.code] ?? 400);
}

/** What gRPC says of a connection that breaks during a call. 14 is UNAVAILABLE. */
const CONNECTION_LOST = () => new ProviderError('error reading from server: EOF', { code: 14 });

/** Delays the call, and does what {@link actOut} does. */
export async function strike(fault: Fault, signal: AbortSignal): Promise<void> {
  await pause(fault.latencyMs, signal);
  await actOut(fault, signal);
}

/** Does what a fault of the kinds `fail`, `hang`, `crash` and `lost` does; returns for the others, which the caller acts out. */
export async function actOut(fault: Fault, signal: AbortSignal): Promise<void> {
  if (fault.action === 'fail') throw refusalOf(fault);
  if (fault.action === 'lost') throw CONNECTION_LOST();
  if (fault.action === 'crash') process.kill(process.pid, 'SIGKILL');
  if (fault.action === 'crash' || fault.action === 'hang') await pause(Infinity, signal);
}
