/** One stack operation through the Automation API. Runs in a child process, once. */
import { cwd } from 'node:process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import type {
  EngineEvent,
  InlineProgramArgs,
  LocalWorkspaceOptions,
  PulumiFn,
  Stack,
} from '@pulumi/pulumi/automation/index.js';
import type { Engine } from '../../engine/engine.ts';
import type { HistoryEntry, ResourceChange, StageError } from '../../orchestrator.ts';
import type { ApprovedChange } from '../approved-change.ts';
import { beyondApproval } from '../approved-change.ts';
import type { EndpointWatch } from './verification/endpoint.ts';
import { NOT_UPDATED, verifyEndpoint } from './verification/endpoint.ts';
import { checkDrift } from './actions/drift.ts';
import { ChangeCollector } from './change-collector.ts';
import type { LoadedProgram } from './load-program.ts';
import type { OperationFailed, OperationResult, OperationSucceeded, StackOperation } from '../operation.ts';
import { CHANGE_NOT_APPROVED } from '../operation.ts';
import type { Verification } from './program.ts';
import { makeProgram } from './program.ts';
import { lookBefore, unreadiness } from './preflight.ts';
import { FailureCollector, isLocked, isUnknownStack } from './pulumi-errors.ts';
import { recoverStack } from './recovery.ts';
import { stopSchedules } from './stop-schedules.ts';
import { trySmokeRequest } from './verification/smoke.ts';

export interface ExecuteContext {
  engine: Engine;
  loadProgram: (type: string) => Promise<LoadedProgram>;
  onEngineEvent: (event: EngineEvent) => void;
  note: (name: string, detail: Record<string, unknown>) => void;
  signal: AbortSignal;
}

const HISTORY_PAGE = 100;

/** Never throws: a failure is a result, with the engine's own error in it. */
export async function executeOperation(operation: StackOperation, context: ExecuteContext): Promise<OperationResult> {
  const failures = new FailureCollector();
  const summary: Record<string, number> = {};
  const onEvent = (event: EngineEvent) => {
    failures.add(event);
    Object.assign(summary, event.summaryEvent?.resourceChanges);
    context.onEngineEvent(event);
  };
  const workDir = await mkdtemp(join(tmpdir(), 'mlops-stack-'));
  try {
    return { ...nothing(), summary, ...(await act(operation, { ...context, onEngineEvent: onEvent }, workDir)) };
  } catch (thrown) {
    return { ok: false, error: explain(thrown, operation, failures), summary };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

type Outcome = Partial<OperationSucceeded> | Pick<OperationFailed, 'ok' | 'error' | 'cutOff' | 'changes'>;

const NO_PROGRAM: PulumiFn = async () => ({});

async function act(operation: StackOperation, context: ExecuteContext, workDir: string): Promise<Outcome> {
  switch (operation.action) {
    case 'up':
      return await up(operation, context, workDir);
    case 'preview':
      return await preview(operation, context, workDir);
    case 'destroy':
      return await destroy(operation, context, workDir);
    case 'history':
      return await history(operation, context, workDir);
    case 'drift':
      return await drift(operation, context, workDir);
  }
}

async function up(operation: StackOperation, context: ExecuteContext, workDir: string): Promise<Outcome> {
  const loaded = await context.loadProgram(operation.pipelineType);
  const { program, endpointOutput, endpointConfigOutput = 'endpointConfigName' } = loaded;
  const smoke = loaded.smokeRequest?.(operation.request);
  let error: StageError | undefined;
  const verify: Verification | undefined = endpointOutput
    ? {
        outputs: [endpointOutput, endpointConfigOutput],
        check: async ({ [endpointOutput]: name, [endpointConfigOutput]: wanted }) => {
          const watch = watchOf(operation, context);
          error =
            (await verifyEndpoint(String(name), String(wanted), watch)) ??
            (smoke && (await trySmokeRequest(String(name), smoke, watch)));
          if (error) throw new Error(error.message);
        },
      }
    : undefined;
  const { args, options } = workspace(operation, context, workDir, makeProgram(operation, program, verify));
  const stack = await LocalWorkspace.createOrSelectStack(args, options);
  if (operation.recover) await recover(stack, operation, context);
  const unready = unreadiness(await lookBefore(stack, operation, context, loaded), operation);
  if (unready) return unready;
  await ensureTags(stack, operation);
  const refusal = operation.approved && (await refuseUnapproved(stack, operation, operation.approved, context));
  if (refusal) return refusal;
  try {
    const result = await stack.up({
      message: operation.message,
      refresh: operation.refresh,
      onEvent: context.onEngineEvent,
      signal: context.signal,
    });
    const plain = Object.entries(result.outputs).filter(([, output]) => !output.secret);
    const stackUrl = await urlOf(stack, operation);
    return {
      outputs: Object.fromEntries(plain.map(([name, output]) => [name, output.value as unknown])),
      ...(stackUrl ? { stackUrl } : {}),
    };
  } catch (thrown) {
    // The state holds what the provider reported; where that is not true, the next operation has to look at what is there.
    if (error) return { ok: false, error, ...(error.code === NOT_UPDATED ? { cutOff: 'drifted' } : {}) };
    throw thrown;
  }
}

async function preview(operation: StackOperation, context: ExecuteContext, workDir: string): Promise<Outcome> {
  const loaded = await context.loadProgram(operation.pipelineType);
  const { args, options } = workspace(operation, context, workDir, makeProgram(operation, loaded.program));
  const existing = await selectStack(args, options);
  const findings = await lookBefore(existing, operation, context, loaded);
  // A preview needs a stack to hold against; one that was made only for this is taken away again.
  const stack = existing ?? (await LocalWorkspace.createStack(args, options));
  try {
    return { changes: await previewChanges(stack, operation, context), findings };
  } catch (thrown) {
    // What is missing is why, and says more.
    const unready = unreadiness(findings, operation);
    if (unready) return unready;
    throw thrown;
  } finally {
    if (!existing) await stack.workspace.removeStack(operation.stack);
  }
}

async function previewChanges(
  stack: Stack,
  operation: StackOperation,
  context: Pick<ExecuteContext, 'onEngineEvent' | 'signal'>,
): Promise<ResourceChange[]> {
  const collector = new ChangeCollector();
  await stack.preview({
    message: operation.message,
    signal: context.signal,
    refresh: operation.refresh,
    onEvent: (event) => {
      collector.add(event);
      context.onEngineEvent(event);
    },
  });
  return collector.changes();
}

/** Looks again, just before a deployment, at what it would do. @returns undefined where it stays within what was approved */
async function refuseUnapproved(
  stack: Stack,
  operation: StackOperation,
  approved: ApprovedChange,
  context: ExecuteContext,
): Promise<Outcome | undefined> {
  const begun = performance.now();
  // Its events would look like a deployment.
  const changes = await previewChanges(stack, operation, { ...context, onEngineEvent: () => undefined });
  const beyond = beyondApproval(approved.changes, changes);
  context.note('change.checked', {
    changes: changes.length,
    beyondApproval: beyond.map(({ urn }) => urn),
    milliseconds: Math.round(performance.now() - begun),
  });
  if (beyond.length === 0 && approved.blueprintVersion === operation.blueprintVersion) return undefined;
  const reason =
    beyond.length > 0
      ? `it would also ${beyond.map(({ operation: what, name }) => `${what} ${name}`).join(', ')}`
      : `version ${operation.blueprintVersion} of the blueprint would deploy it, not ${approved.blueprintVersion}`;
  return {
    ok: false,
    error: {
      code: CHANGE_NOT_APPROVED,
      message: `The change is no longer the one that was approved: ${reason}. Nothing was done.`,
      hint: 'Look at the change as it is now, and approve or reject it.',
    },
    changes,
  };
}

/** Only Pulumi Cloud has a page for each stack; a deployment does not fail for want of its address. */
async function urlOf(stack: Stack, { engine }: StackOperation): Promise<string | undefined> {
  if (engine.backendUrl && !/^https?:/.test(engine.backendUrl)) return undefined;
  try {
    const stacks = await stack.workspace.listStacks();
    return stacks.find(({ current }) => current)?.url;
  } catch {
    return undefined;
  }
}

async function destroy(operation: StackOperation, context: ExecuteContext, workDir: string): Promise<Outcome> {
  // The program is not run: destroying works from the state, whatever version of the blueprint deployed it.
  const { args, options } = workspace(operation, context, workDir, NO_PROGRAM);
  const stack = await selectStack(args, options);
  if (!stack) return {};
  if (operation.recover) await recover(stack, operation, context);
  await stopSchedules(stack, watchOf(operation, context));
  await stack.destroy({ message: operation.message, onEvent: context.onEngineEvent, signal: context.signal });
  return {};
}

async function history(operation: StackOperation, context: ExecuteContext, workDir: string): Promise<Outcome> {
  const { args, options } = workspace(operation, context, workDir, NO_PROGRAM);
  const stack = await selectStack(args, options);
  const entries = stack ? await stack.history(HISTORY_PAGE, 1, false) : [];
  return {
    history: entries.map((entry, index): HistoryEntry => ({
      environment: operation.environment.name,
      stack: `${operation.project}/${operation.stack}`,
      // File and S3 back ends leave the version at 0: number them as Pulumi Cloud does.
      version: entry.version || entries.length - index,
      kind: entry.kind,
      startTime: new Date(entry.startTime).toISOString(),
      ...(entry.endTime ? { endTime: new Date(entry.endTime).toISOString() } : {}),
      result: entry.result,
      message: entry.message,
      ...(entry.resourceChanges ? { resourceChanges: entry.resourceChanges as Record<string, number> } : {}),
      config: Object.fromEntries(
        Object.entries(entry.config ?? {}).map(([key, { value, secret }]) => [
          key,
          { ...(secret ? {} : { value }), secret: secret ?? false },
        ]),
      ),
    })),
  };
}

async function drift(operation: StackOperation, context: ExecuteContext, workDir: string): Promise<Outcome> {
  const { args, options } = workspace(operation, context, workDir, NO_PROGRAM);
  return await checkDrift(await selectStack(args, options), operation, context);
}

async function recover(stack: Stack, operation: StackOperation, context: ExecuteContext): Promise<void> {
  const recovery = await recoverStack(stack, watchOf(operation, context));
  context.note('operation.recovered', { ...recovery });
}

/**
 * A stack in a work directory of its own. Configuration goes through the settings file rather than `config set-all`,
 * which would show it on the command line and cost another run of the CLI.
 */
function workspace(
  operation: StackOperation,
  context: ExecuteContext,
  workDir: string,
  program: PulumiFn,
): { args: InlineProgramArgs; options: LocalWorkspaceOptions } {
  return {
    args: {
      projectName: operation.project,
      stackName: operation.stack,
      program,
    },
    options: {
      workDir,
      pulumiCommand: context.engine.command,
      envVars: context.engine.envVars,
      projectSettings: {
        name: operation.project,
        runtime: 'nodejs',
        main: cwd(),
        description: `MLOps pipelines of type ${operation.pipelineType}`,
      },
      stackSettings: {
        [operation.stack]: {
          config: {
            'aws:region': operation.environment.region,
            'mlops:environment': operation.environment.name,
            'mlops:pipelineId': operation.pipelineId,
            'mlops:revision': String(operation.revision),
            'mlops:request': JSON.stringify(operation.request),
          },
        },
      },
    },
  };
}

async function selectStack(args: InlineProgramArgs, options: LocalWorkspaceOptions): Promise<Stack | undefined> {
  try {
    return await LocalWorkspace.selectStack(args, options);
  } catch (thrown) {
    if (isUnknownStack(thrown)) return undefined;
    throw thrown;
  }
}

/** Tags let Pulumi Cloud group and find stacks; a back end that has none is no reason to fail a deployment. */
async function ensureTags(stack: Stack, operation: StackOperation): Promise<void> {
  try {
    const present = await stack.listTags();
    for (const [key, value] of Object.entries(operation.tags)) {
      if (present[key] !== value) await stack.setTag(key, value);
    }
  } catch (thrown) {
    if (!/tag/i.test(String(thrown))) throw thrown;
  }
}

function watchOf(operation: StackOperation, context: ExecuteContext): EndpointWatch {
  return {
    cloud: context.engine.cloud,
    environment: operation.environment,
    signal: context.signal,
    note: context.note,
  };
}

function explain(thrown: unknown, operation: StackOperation, failures: FailureCollector): StageError {
  if (isLocked(thrown)) {
    return {
      code: 'STACK_LOCKED',
      message: `Somebody outside this service is running an operation on stack ${operation.project}/${operation.stack}.`,
      hint: 'Wait for it to end, or run "pulumi cancel" if it is dead; then send the request again.',
    };
  }
  return failures.toStageError(thrown);
}

function nothing(): OperationSucceeded {
  return { ok: true, outputs: {}, summary: {}, changes: [], findings: [], history: [], drift: [] };
}
