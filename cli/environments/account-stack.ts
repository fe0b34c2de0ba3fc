/** One operation on the stack of one account, through the Automation API. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineEvent, PulumiCommand, Stack, StackSettings } from '@pulumi/pulumi/automation/index.js';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import { FailureCollector, isUnknownStack } from '../../automation/stacks/child/pulumi-errors.ts';
import type { Target } from './settings.ts';

export const PROJECT = 'mlops-environment';
const PROGRAM = fileURLToPath(new URL('../../infra/environment', import.meta.url));

export type Action = 'preview' | 'up' | 'destroy' | 'status';

/** Which Pulumi: the CLI, or the sandbox's stand-in. */
export interface Pulumi {
  readonly command: PulumiCommand;
  /** Environment variables of every command, in addition to those of the process. */
  readonly envVars: Record<string, string>;
}

export interface AccountResult {
  target: Target;
  outcome: 'succeeded' | 'failed' | 'not started';
  /** For people: what changed, how far the account is, or why not. */
  summary: string;
  /** Resources by operation; absent for `status`. */
  changes?: Record<string, number>;
  outputs?: Record<string, string>;
  seconds: number;
}

export interface Watch {
  signal: AbortSignal;
  onChange: (target: Target, change: string) => void;
}

/** Never throws: a failure is a result. */
export async function runOnAccount(
  action: Action,
  target: Target,
  pulumi: Pulumi,
  watch: Watch,
): Promise<AccountResult> {
  const started = Date.now();
  const failures = new FailureCollector();
  const changes: Record<string, number> = {};
  const onEvent = (event: EngineEvent) => {
    failures.add(event);
    Object.assign(changes, event.summaryEvent?.resourceChanges);
    const done = event.resOutputsEvent?.metadata;
    if (done && done.op !== 'same') watch.onChange(target, `${done.op} ${done.urn.split('::').at(-1) ?? ''}`);
  };
  const workDir = await mkdtemp(join(tmpdir(), 'mlops-environment-'));
  const result = (outcome: AccountResult['outcome'], summary: string, more: Partial<AccountResult> = {}) => ({
    target,
    outcome,
    summary,
    seconds: (Date.now() - started) / 1_000,
    ...more,
  });
  try {
    const done = await ACTIONS[action](new AccountStack(target, pulumi, workDir), { onEvent, signal: watch.signal });
    return action === 'status'
      ? result('succeeded', done.summary ?? '', done)
      : result('succeeded', done.summary ?? describeChanges(changes), { ...done, changes });
  } catch (thrown) {
    const { message, hint } = failures.toStageError(thrown);
    return result('failed', hint ? `${message} (${hint})` : message, { changes });
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** `create 5, same 2`, or `nothing to do`. */
export function describeChanges(changes: Record<string, number>): string {
  const real = Object.entries(changes).filter(([operation]) => operation !== 'same');
  return real.length === 0 ? 'nothing to do' : real.map(([operation, count]) => `${operation} ${count}`).join(', ');
}

interface Options {
  onEvent: (event: EngineEvent) => void;
  signal: AbortSignal;
}
type Done = Pick<AccountResult, 'outputs'> & { summary?: string };

const ACTIONS: Record<Action, (account: AccountStack, options: Options) => Promise<Done>> = {
  up: async (account, options) => {
    const stack = await account.create();
    const { outputs } = await stack.up({ message: 'npm run environments -- up', ...options });
    return { outputs: texts(outputs) };
  },

  preview: async (account, options) => {
    const existing = await account.find();
    // A preview needs a stack to hold against; one that was made only for this is taken away again.
    const stack = existing ?? (await account.create());
    try {
      await stack.preview(options);
    } finally {
      if (!existing) await stack.workspace.removeStack(stack.name);
    }
    return {};
  },

  destroy: async (account, options) => {
    const stack = await account.find();
    if (!stack) return { summary: 'not rolled out' };
    // The program is not run: destroying works from the state, whichever version made it.
    await stack.destroy({ message: 'npm run environments -- destroy', ...options });
    await stack.workspace.removeStack(stack.name);
    return {};
  },

  status: async (account) => {
    const stack = await account.find();
    if (!stack) return { summary: 'not rolled out' };
    const [last] = await stack.history(1, 1, false);
    if (!last) return { summary: 'made, never rolled out' };
    const when = new Date(last.endTime ?? last.startTime).toISOString();
    return { summary: `${last.kind} ${last.result}, ${when}`, outputs: texts(await stack.outputs()) };
  },
};

function texts(outputs: Record<string, { value: unknown; secret: boolean }>): Record<string, string> {
  const plain = Object.entries(outputs).filter(([, { secret }]) => !secret);
  return Object.fromEntries(plain.map(([name, { value }]) => [name, String(value)]));
}

/** The stack in a separate work directory, so that parallel accounts share no files, and none is left in the repository. */
class AccountStack {
  readonly #target: Target;
  readonly #pulumi: Pulumi;
  readonly #workDir: string;

  constructor(target: Target, pulumi: Pulumi, workDir: string) {
    this.#target = target;
    this.#pulumi = pulumi;
    this.#workDir = workDir;
  }

  /** The stack, made where it is not there yet. */
  async create(): Promise<Stack> {
    return await LocalWorkspace.createOrSelectStack(this.#args(), await this.#options());
  }

  /** @returns undefined where the account has never been rolled out to, or was taken back. */
  async find(): Promise<Stack | undefined> {
    try {
      return await LocalWorkspace.selectStack(this.#args(), await this.#options());
    } catch (thrown) {
      if (isUnknownStack(thrown)) return undefined;
      throw thrown;
    }
  }

  #args() {
    return { stackName: this.#target.stack, workDir: this.#workDir };
  }

  async #options() {
    const { command: pulumiCommand, envVars } = this.#pulumi;
    const program = await LocalWorkspace.create({ workDir: PROGRAM, pulumiCommand, envVars });
    const projectSettings = await program.projectSettings();
    return {
      pulumiCommand,
      envVars,
      projectSettings: { ...projectSettings, main: join(PROGRAM, projectSettings.main ?? '') },
      stackSettings: { [this.#target.stack]: stackSettings(this.#target) },
    };
  }
}

function stackSettings({ config, region }: Target): StackSettings {
  const own = Object.entries(config).map(([key, value]) => [
    `${PROJECT}:${key}`,
    Array.isArray(value) ? JSON.stringify(value) : value,
  ]);
  return { config: { ...Object.fromEntries(own), 'aws:region': region } } as StackSettings;
}
