/** Runs one stack operation through the Automation API in a temporary work directory. Runs in a child process, once. */
import { rm } from 'node:fs/promises';
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { StageError } from '../../model.ts';
import type { OperationResult, OperationSucceeded, StackOperation } from '../operation.ts';
import { stackKey } from '../operation.ts';
import { makeWorkFolder } from '../work-folder.ts';
import { countsOf } from '../approved-change.ts';
import { destroy, previewDestroy } from './actions/destroy.ts';
import { drift } from './actions/drift.ts';
import { history } from './actions/history.ts';
import { preview } from './actions/preview.ts';
import { up } from './actions/up.ts';
import { ChangeCollector } from './change-collector.ts';
import type { ExecuteContext, Outcome } from './context.ts';
import { FailureCollector, isLocked } from './pulumi-errors.ts';
import { PolicyViolations } from './policy-violations.ts';
import { StackWorkspace } from './workspace.ts';

/** Never throws: a failure is a result that contains the engine's error. */
export async function executeOperation(operation: StackOperation, context: ExecuteContext): Promise<OperationResult> {
  const failures = new FailureCollector();
  const summary: Record<string, number> = {};
  const violations = new PolicyViolations();
  const planned = new ChangeCollector();
  const isPreview = operation.action === 'preview' || operation.action === 'preview-destroy';
  const onEvent = (event: EngineEvent) => {
    if (event.policyEvent && !violations.add(event.policyEvent)) return;
    failures.add(event);
    if (isPreview) planned.add(event);
    Object.assign(summary, event.summaryEvent?.resourceChanges);
    context.onEngineEvent(event);
  };
  const workDir = await makeWorkFolder();
  try {
    const workspace = new StackWorkspace(operation, context.engine, workDir);
    const outcome = await act(operation, { ...context, onEngineEvent: onEvent }, workspace);
    // The counts match the list of changes: the engine also counts resources that it does not display.
    const counts = isPreview && 'changes' in outcome ? countsOf(outcome.changes ?? [], summary) : summary;
    const done = { ...nothing(), summary: counts, ...outcome };
    if (done.ok) return { ...done, findings: [...(done.findings ?? []), ...violations.findings()] };
    const violated = isPreview ? violations.toStageError() : undefined;
    if (!violated) return done;
    // A policy violation takes precedence over anything else the environment lacks.
    const findings = [...(done.error.findings ?? []), ...violations.findings()];
    return { ...done, error: { ...violated, findings }, changes: planned.changes() };
  } catch (thrown) {
    const violated = violations.toStageError();
    if (violated) {
      return { ok: false, error: violated, summary, ...(isPreview ? { changes: planned.changes() } : {}) };
    }
    return { ok: false, error: explain(thrown, operation, failures), summary };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function act(operation: StackOperation, context: ExecuteContext, workspace: StackWorkspace): Promise<Outcome> {
  switch (operation.action) {
    case 'up':
      return await up(operation, context, workspace);
    case 'preview':
      return await preview(operation, context, workspace);
    case 'destroy':
      return await destroy(operation, context, workspace);
    case 'preview-destroy':
      return await previewDestroy(operation, context, workspace);
    case 'history':
      return await history(operation, workspace);
    case 'drift':
      return await drift(operation, context, workspace);
  }
}

function explain(thrown: unknown, operation: StackOperation, failures: FailureCollector): StageError {
  if (isLocked(thrown)) {
    return {
      code: 'STACK_LOCKED',
      message: `An operation outside this service is running on stack ${stackKey(operation)}.`,
      hint: 'Wait for it to end, or run "pulumi cancel" if its process has died; then send the request again.',
    };
  }
  return failures.toStageError(thrown);
}

function nothing(): OperationSucceeded {
  return { ok: true, outputs: {}, summary: {}, changes: [], findings: [], history: [], drift: [] };
}
