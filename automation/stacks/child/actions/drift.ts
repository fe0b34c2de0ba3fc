/**
 * Drift of a stack: what its state says against what is really there, by a refresh that is only previewed. The state is not
 * touched and no program is run. Runs in a child process; the translation of events is pure.
 */
import type { EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation/index.js';
import { isEqual, toPath } from 'es-toolkit/compat';
import type { DriftFinding, PropertyDifference } from '../../../model.ts';
import type { OperationFailed, StackOperation } from '../../operation.ts';
import { stackKey } from '../../operation.ts';
import type { ExecuteContext, Outcome } from '../context.ts';
import { isAfterFence } from '../../../aws/session-name.ts';
import { useSession } from '../session.ts';
import { propertyDifferences } from '../property-differences.ts';
import type { StackWorkspace } from '../workspace.ts';

/** What propertyDifferences puts for a secret. */
const MASK = '[secret]';

/** A refresh creates nothing, so that no provider draws names. */
const NO_MADE_UP_NAMES: ReadonlySet<string> = new Set();

/** A stack that is missing in the backend is a failure: something was deployed to it. */
export async function drift(
  operation: StackOperation,
  context: ExecuteContext,
  workspace: StackWorkspace,
): Promise<Outcome> {
  const stack = await workspace.select();
  if (!stack) return { ok: false, error: withoutStack(operation) };
  // Older CLIs lock an S3 or file backend even for a preview of a refresh, and one that was killed has left its lock.
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
  // Not before the end: what is thrown while an event is handed over is lost, and the stack would pass for unchanged.
  const findings = events.map(toDriftFinding).filter((finding) => finding !== undefined);
  // The engine reads resources side by side, in another order every time.
  return { drift: findings.toSorted((left, right) => (left.urn < right.urn ? -1 : 1)) };
}

/** @returns undefined for whatever is not a resource that was changed or removed behind Pulumi's back */
export function toDriftFinding(event: EngineEvent): DriftFinding | undefined {
  const metadata = event.resOutputsEvent?.metadata;
  const { old } = metadata ?? {};
  // Components and providers are nowhere but in the state. What waits for its deletion is not missed.
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
    // Keys such as `__defaults` are notes of the provider to itself.
    if (top.startsWith('__') || !asked.has(top)) return [];
    const read = difference(metadata, property, found?.inputs ?? {});
    if (!isEqual(read.before, read.after)) return [read];
    if (!named) return [];
    // What was added inside a map, and all of it with providers that read no inputs back, is in the outputs only.
    const shown = difference(metadata, property, found?.outputs ?? {});
    if ('after' in shown && !isEqual(shown.before, shown.after)) return [shown];
    // Masked secrets look alike on both sides: there the provider's word has to do.
    return JSON.stringify(read).includes(MASK) ? [read] : [];
  });
}

/** The property as it was asked for, and as it is among `seen`. */
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
