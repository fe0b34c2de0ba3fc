/**
 * Drift of a stack: its state compared with what really exists, by previewing a refresh. The state is not changed and no
 * program is run. Runs in a child process; the translation of events is pure.
 */
import type { EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation/index.js';
import isEqual from 'es-toolkit/compat/isEqual';
import toPath from 'es-toolkit/compat/toPath';
import type { DriftFinding, PropertyDifference } from '../../../model.ts';
import type { OperationFailed, StackOperation } from '../../operation.ts';
import { stackKey } from '../../operation.ts';
import type { ExecuteContext, Outcome } from '../context.ts';
import { isAfterFence } from '../../../aws/session-name.ts';
import { useSession } from '../session.ts';
import { propertyDifferences } from '../property-differences.ts';
import type { StackWorkspace } from '../workspace.ts';

/** How `propertyDifferences` shows a secret. */
const MASK = '[secret]';

/** A refresh creates nothing, so no provider generates names. */
const NO_MADE_UP_NAMES: ReadonlySet<string> = new Set();

/** A stack that is missing from the backend is a failure: something was deployed to it. */
export async function drift(
  operation: StackOperation,
  context: ExecuteContext,
  workspace: StackWorkspace,
): Promise<Outcome> {
  const stack = await workspace.select();
  if (!stack) return { ok: false, error: withoutStack(operation) };
  // Older CLIs lock an S3 or file backend even for a preview of a refresh, and one that was killed leaves its lock behind.
  // @see https://github.com/pulumi/pulumi/issues/22385
  if (operation.recover) {
    await stack.unlock();
    const { sessionName } = operation.environment;
    if (isAfterFence(sessionName)) await useSession(stack, sessionName);
  }
  const events: EngineEvent[] = [];
  await stack.previewRefresh({
    signal: context.signal,
    onEvent: (event) => {
      events.push(event);
      context.onEngineEvent(event);
    },
  });
  // Only at the end: an error thrown in an event callback is lost, and the stack would seem unchanged.
  const findings = events.map(toDriftFinding).filter((finding) => finding !== undefined);
  // The engine reads resources in parallel, in a different order every time.
  return { drift: findings.toSorted((left, right) => (left.urn < right.urn ? -1 : 1)) };
}

/** @returns undefined for anything but a resource that was changed or removed outside Pulumi */
export function toDriftFinding(event: EngineEvent): DriftFinding | undefined {
  const metadata = event.resOutputsEvent?.metadata;
  const { old } = metadata ?? {};
  // Components and providers exist in the state only. A resource that is pending deletion is not missed.
  if (!metadata || !old?.custom || old.delete || metadata.type.startsWith('pulumi:')) return undefined;
  const { urn, type } = metadata;
  const resource = { urn, type, name: urn.split('::').at(-1) ?? urn };
  if ((metadata.op as string) === 'delete') return { ...resource, kind: 'missing', differences: [] };
  if ((metadata.op as string) !== 'update') return undefined;
  const differences = driftOf(metadata);
  return differences.length > 0 ? { ...resource, kind: 'changed', differences } : undefined;
}

/**
 * Only inputs count. What the cloud adds (a time of last change, a status, a digest) is in the outputs, changes all the time,
 * and no deployment could revert it: reporting it would be a false alarm. If the provider says which inputs differ, that
 * decides, because it knows when two texts of a policy mean the same.
 */
function driftOf(metadata: StepEventMetadata): PropertyDifference[] {
  const { old, new: found, detailedDiff, diffs } = metadata;
  const asked = new Set([...Object.keys(old?.inputs ?? {}), ...Object.keys(found?.inputs ?? {})]);
  const detailed = Object.keys(detailedDiff ?? {});
  const named = detailed.length > 0 ? detailed : diffs;
  return (named ?? [...asked]).toSorted().flatMap((property) => {
    const [top = ''] = toPath(property);
    // Keys such as `__defaults` are the provider's own bookkeeping.
    if (top.startsWith('__') || !asked.has(top)) return [];
    const read = difference(metadata, property, found?.inputs ?? {});
    if (!isEqual(read.before, read.after)) return [read];
    if (!named) return [];
    // Keys added to a map are in the outputs only; so is everything with providers that read no inputs back.
    const shown = difference(metadata, property, found?.outputs ?? {});
    if ('after' in shown && !isEqual(shown.before, shown.after)) return [shown];
    // Masked secrets look the same on both sides, so the provider's own comparison has to do.
    return JSON.stringify(read).includes(MASK) ? [read] : [];
  });
}

/** The property as requested, and as found in `seen`. */
function difference(
  { old, new: found, ...step }: StepEventMetadata,
  property: string,
  seen: Record<string, unknown>,
): PropertyDifference {
  const [one] = propertyDifferences(
    {
      ...step,
      detailedDiff: undefined,
      diffs: [property],
      ...(old ? { old: { ...old, outputs: {} } } : {}),
      ...(found ? { new: { ...found, inputs: seen } } : {}),
    },
    NO_MADE_UP_NAMES,
  );
  return one ?? { property };
}

function withoutStack(operation: StackOperation): OperationFailed['error'] {
  return {
    code: 'STACK_NOT_FOUND',
    message: `The backend has no stack ${stackKey(operation)}, although the pipeline was deployed to it.`,
    hint: 'Check that PULUMI_BACKEND_URL is still the one it was deployed with, or restore the state of the stack.',
  };
}
