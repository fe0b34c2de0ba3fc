/** Translates engine events into past-tense events of the execution. Pure. */
import type { EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation/index.js';
import type { NewEvent } from '../../executions/events.ts';
import type { ChangeOperation, ResourceChange } from '../../model.ts';
import { toFinding } from './policy-violations.ts';
import { createdInputs, propertyDifferences } from './property-differences.ts';

/** The engine also sends this, but the SDK's type omits it. */
type Step = StepEventMetadata & { custom?: boolean };

const STARTED: Record<string, string> = {
  create: 'resource.creating',
  'create-replacement': 'resource.creating',
  update: 'resource.updating',
  delete: 'resource.deleting',
  'delete-replaced': 'resource.deleting',
  read: 'resource.reading',
  refresh: 'resource.refreshing',
  import: 'resource.importing',
};

const ENDED: Record<string, string> = {
  create: 'resource.created',
  'create-replacement': 'resource.created',
  update: 'resource.updated',
  delete: 'resource.deleted',
  'delete-replaced': 'resource.deleted',
  replace: 'resource.replaced',
  read: 'resource.read',
  import: 'resource.imported',
};

/** @returns undefined for events of no interest to people, such as an unchanged resource or debug output. */
export function toExecutionEvent(event: EngineEvent): Omit<NewEvent, 'stage' | 'environment'> | undefined {
  const at = new Date(event.timestamp * 1_000).toISOString();
  if (event.resourcePreEvent) return step(STARTED, event.resourcePreEvent.metadata, at);
  if (event.resOutputsEvent) return step(ENDED, event.resOutputsEvent.metadata, at);
  if (event.resOpFailedEvent) {
    const { metadata } = event.resOpFailedEvent;
    return { type: 'resource.failed', at, data: { ...resource(metadata), operation: metadata.op } };
  }
  if (event.diagnosticEvent) {
    const { severity, message, urn, ephemeral } = event.diagnosticEvent;
    // The engine sends debug diagnostics too, although the SDK's type does not name them.
    if ((severity as string) === 'debug' || ephemeral || message.trim() === '') return undefined;
    return { type: 'diagnostic', at, data: { severity, message: message.trim(), ...(urn ? { urn } : {}) } };
  }
  if (event.policyEvent) {
    const { message, subject, policy } = toFinding(event.policyEvent);
    return { type: 'policy.violated', at, data: { ...policy, subject, message } };
  }
  if (event.summaryEvent) {
    return { type: 'operation.summarised', at, data: { changes: event.summaryEvent.resourceChanges } };
  }
  return undefined;
}

/** A default provider, created by the engine because the program has none: the CLI neither shows nor counts it. */
function isInternal({ type, urn }: StepEventMetadata): boolean {
  return type.startsWith('pulumi:providers:') && /::default[^:]*$/.test(urn);
}

function step(
  names: Record<string, string>,
  metadata: StepEventMetadata,
  at: string,
): Omit<NewEvent, 'stage' | 'environment'> | undefined {
  const type = names[metadata.op];
  if (!type || isInternal(metadata)) return undefined;
  const properties = metadata.diffs ?? [];
  return { type, at, data: { ...resource(metadata), ...(properties.length > 0 ? { properties } : {}) } };
}

function resource(metadata: StepEventMetadata): { urn: string; resourceType: string; name: string } {
  return { urn: metadata.urn, resourceType: metadata.type, name: metadata.urn.split('::').at(-1) ?? metadata.urn };
}

const CHANGES: Record<string, ChangeOperation> = {
  create: 'create',
  update: 'update',
  replace: 'replace',
  delete: 'delete',
  read: 'read',
  import: 'import',
  refresh: 'refresh',
};

/**
 * One line of a preview; the parts of a replacement (create-replacement, delete-replaced) are covered by its `replace`.
 * @param madeUp generated names that only this preview has
 */
export function toResourceChange(
  event: EngineEvent,
  madeUp: ReadonlySet<string> = new Set(),
): ResourceChange | undefined {
  const metadata = event.resourcePreEvent?.metadata;
  const operation = metadata && CHANGES[metadata.op];
  if (!operation || isInternal(metadata)) return undefined;
  const { urn, resourceType, name } = resource(metadata);
  const differences = operation === 'update' || operation === 'replace' ? propertyDifferences(metadata, madeUp) : [];
  const inputs = operation === 'create' ? createdInputs(metadata, madeUp) : {};
  const warning = lossOf(operation, metadata);
  return {
    operation,
    urn,
    type: resourceType,
    name,
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    ...(metadata.diffs?.length ? { properties: metadata.diffs } : {}),
    ...(metadata.keys?.length ? { replaceProperties: metadata.keys } : {}),
    ...(differences.length > 0 ? { differences } : {}),
    ...(warning ? { warning } : {}),
  };
}

/** What a replacement or deletion destroys. Components and providers represent nothing in the cloud. */
function lossOf(operation: ChangeOperation, { old, type, custom, keys = [] }: Step): string | undefined {
  if (!old?.id || !(old.custom ?? custom) || type.startsWith('pulumi:')) return undefined;
  const { id, protect, retainOnDelete } = old;
  if (operation === 'delete') {
    return retainOnDelete ? `${id} is no longer managed, and stays.` : `Destroys ${id}.`;
  }
  if (operation !== 'replace') return undefined;
  const cause = keys.length > 0 ? ` (change of ${keys.join(', ')})` : '';
  return protect
    ? `${id} would have to be replaced${cause}, but is protected: the deployment will fail.`
    : `Destroys ${id} and creates another in its place${cause}.`;
}
