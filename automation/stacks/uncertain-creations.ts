/**
 * Which creations of an operation have an unknown outcome, by its engine events: begun, and neither completed nor refused. The
 * state does not say: when the provider ends before it answers, the engine takes the creation for a failed one, and drops it
 * from the pending operations. Kept with the lease of the stack for the recovery.
 * @see https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/backend/snapshot.go `createSnapshotMutation.End`
 */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { isConnectionLost } from './child/pulumi-errors.ts';

/** A resource as the state has it before it is created. Values of secrets are masked; the refresh after an adoption reads them. */
export interface BegunCreation {
  urn: string;
  type: string;
  custom: boolean;
  parent: string;
  provider: string;
  inputs: Record<string, unknown>;
  protect?: boolean;
  retainOnDelete?: boolean;
}

const CREATIONS: ReadonlySet<string> = new Set(['create', 'create-replacement']);

export class UncertainCreations {
  readonly #begun = new Map<string, BegunCreation>();
  /** URNs of resources whose provider did not answer. */
  readonly #unanswered = new Set<string>();

  add({ resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent }: EngineEvent): void {
    if (resourcePreEvent && !resourcePreEvent.planning && CREATIONS.has(resourcePreEvent.metadata.op)) {
      const { new: resource } = resourcePreEvent.metadata;
      // Components and providers are nothing in an account.
      if (resource?.custom && !resource.type.startsWith('pulumi:')) this.#begun.set(resource.urn, begun(resource));
    }
    if (resOutputsEvent) this.#begun.delete(resOutputsEvent.metadata.urn);
    if (diagnosticEvent?.urn && diagnosticEvent.severity === 'error' && isConnectionLost(diagnosticEvent.message)) {
      this.#unanswered.add(diagnosticEvent.urn);
    }
    if (resOpFailedEvent && !this.#unanswered.has(resOpFailedEvent.metadata.urn)) {
      this.#begun.delete(resOpFailedEvent.metadata.urn);
    }
  }

  list(): BegunCreation[] {
    return [...this.#begun.values()];
  }
}

function begun({
  urn,
  type,
  parent,
  provider,
  inputs,
  protect,
  retainOnDelete,
}: Omit<BegunCreation, 'custom'>): BegunCreation {
  return {
    urn,
    type,
    custom: true,
    parent,
    provider,
    inputs,
    ...(protect ? { protect } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
  };
}
