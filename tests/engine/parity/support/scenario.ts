/** A scenario is a stack and what is done to it, step by step; an observation is all that an engine shows of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent, PulumiFn, Stack } from '@pulumi/pulumi/automation/index.js';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import '../../../../automation/engine/inline-programs.ts';
import { serveProvider } from '../../../../sandbox/aws/serve.ts';
import type { StackState } from '../../../../sandbox/engine/state.ts';
import type { CloudOptions } from './cloud.ts';
import { Cloud } from './cloud.ts';
import type { Engine } from './engines.ts';
import { withLookups } from './engines.ts';
import type { Observation } from './observation.ts';
import { observeCalls, observeError, observeEvents } from './observation.ts';
import { observeFiles, PROJECT, STACK } from './files.ts';

const PASSPHRASE = 'correct horse';
const VERSION = '1.0.0';

/** What one step of a scenario works with. */
export interface Bench {
  readonly stack: Stack;
  readonly cloud: Cloud;
  readonly onEvent: (event: EngineEvent) => void;
  /** For calls of the CLI that the Automation API has no method for. */
  readonly command: (...args: string[]) => Promise<string>;
  /** Changes the stack's state where it lies, as the end of a process in the middle of an operation would. */
  readonly editState: (change: (state: StackState) => void) => void;
  /** Sets the program of the next operation. */
  readonly program: (body: () => unknown) => Stack;
}

export interface Step {
  name: string;
  /** @returns what else is to be compared, such as the outputs */
  run: (bench: Bench) => Promise<unknown>;
  /** Events of resources that depend on nothing come in any order. */
  unordered?: boolean;
}

export interface Scenario {
  name: string;
  cloud?: CloudOptions;
  config?: Record<string, { value: string; secret?: boolean }>;
  steps: Step[];
}

interface StepOptions {
  [option: string]: unknown;
}

/** `up` with a program. By default one step at a time, so that the order of what both engines do can be compared. */
export function up(body: () => unknown, options: StepOptions & { before?: (bench: Bench) => void } = {}): Step {
  return operation('up', body, options);
}

export function preview(body: () => unknown, options: StepOptions & { before?: (bench: Bench) => void } = {}): Step {
  return operation('preview', body, options);
}

export function refresh(options: StepOptions & { before?: (bench: Bench) => void } = {}): Step {
  return operation('refresh', undefined, options);
}

export function destroy(options: StepOptions & { before?: (bench: Bench) => void } = {}): Step {
  return operation('destroy', undefined, options);
}

/** Anything else; what it returns is compared. */
export function act(name: string, run: (bench: Bench) => unknown): Step {
  return { name, run: (bench) => withLookups(async () => await run(bench)) };
}

function operation(
  name: 'up' | 'preview' | 'refresh' | 'destroy',
  body: (() => unknown) | undefined,
  { before, ...options }: StepOptions & { before?: (bench: Bench) => void },
): Step {
  return {
    name,
    unordered: options['parallel'] !== undefined && options['parallel'] !== 1,
    async run(bench) {
      before?.(bench);
      const stack = body === undefined ? bench.stack : bench.program(body);
      const result = await stack[name]({ parallel: 1, suppressProgress: true, ...options, onEvent: bench.onEvent });
      return 'changeSummary' in result ? { changes: result.changeSummary } : {};
    },
  };
}

/** Runs a scenario on one engine. @returns one observation a step */
export async function observe(scenario: Scenario, engine: Engine): Promise<Observation[]> {
  const home = mkdtempSync(join(tmpdir(), `parity-${engine.name}-`));
  const cloud = new Cloud(scenario.cloud);
  const server = await serveProvider(cloud, 'parity', { version: VERSION });
  const env = {
    PULUMI_BACKEND_URL: `file://${home}`,
    PULUMI_HOME: join(home, 'home'),
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DEBUG_PROVIDERS: `parity:${server.port}`,
  };
  let program: () => unknown = () => undefined;
  const inline: PulumiFn = async () => (await program()) as Record<string, unknown>;
  try {
    const stack = await LocalWorkspace.createStack(
      { stackName: STACK, projectName: PROJECT, program: inline },
      { pulumiCommand: engine.command, envVars: env, workDir: undefined },
    );
    if (scenario.config) await stack.setAllConfig(scenario.config);
    const observations: Observation[] = [];
    for (const step of scenario.steps) {
      const events: EngineEvent[] = [];
      cloud.calls.length = 0;
      const bench: Bench = {
        stack,
        cloud,
        onEvent: (event) => void events.push(event),
        program(body) {
          program = body;
          return stack;
        },
        editState(change) {
          const file = join(home, '.pulumi', 'stacks', PROJECT, `${STACK}.json`);
          const content = JSON.parse(readFileSync(file, 'utf8')) as { checkpoint: { latest: StackState } };
          change(content.checkpoint.latest);
          writeFileSync(file, JSON.stringify(content));
        },
        async command(...args) {
          const { stdout } = await engine.command.run(args, stack.workspace.workDir, env);
          return stdout;
        },
      };
      const outcome = await step.run(bench).then(
        (value) => ({ value: value ?? null }),
        (error: unknown) => ({ error: observeError(error) }),
      );
      observations.push({
        step: step.name,
        ...outcome,
        ...observeEvents(events, step.unordered ?? false),
        calls: observeCalls(cloud.calls, step.unordered ?? false),
        ...(await observeFiles(home, PASSPHRASE, step.unordered ?? false)),
      });
    }
    return observations;
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}
