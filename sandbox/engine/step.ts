import type { DiffResult, Properties } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { isSecret, secret } from './properties.ts';
import type { ProviderClient } from './provider-client.ts';
import type { ProviderRegistry } from './provider-registry.ts';
import type { Snapshot } from './snapshot.ts';
import type { PendingOperationType, ResourceState } from './state.ts';

/** What a step does, in the engine's terms. @see https://www.pulumi.com/docs/iac/support/glossary/ */
export type Operation =
  | 'same'
  | 'create'
  | 'update'
  | 'delete'
  | 'replace'
  | 'create-replacement'
  | 'delete-replaced'
  | 'read'
  | 'read-replacement'
  | 'discard'
  | 'discard-replaced'
  | 'remove-pending-replace'
  | 'refresh'
  | 'import'
  | 'import-replacement';

/** What a step has access to. */
export interface StepContext {
  preview: boolean;
  registry: ProviderRegistry;
  /** Whether a resource is deleted in this operation: `deletedWith` then saves the call. */
  isDeleted(urn: string): boolean;
  warn(urn: string, message: string): void;
}

/** One step of an operation: first `apply` does it in the cloud, then `commit` brings the state up to date. */
export interface Step {
  readonly operation: Operation;
  /** The result of a refresh; for other steps the operation itself. */
  result: Operation;
  readonly urn: string;
  readonly type: string;
  old?: ResourceState;
  /** Filled in by `apply`; a refresh that finds nothing clears it. */
  new?: ResourceState;
  /** Properties that ask for replacement. */
  readonly keys?: string[];
  /** With `detailedDiff`: what is different; a refresh knows it only after `apply`. */
  diffs?: string[];
  detailedDiff?: DiffResult['detailedDiff'];
  /** False for the inner steps of a replacement, which are not shown as changes of their own. */
  readonly logical: boolean;
  /** A resource that is skipped, because it does not exist and is not a target. */
  readonly skippedCreate?: boolean;
  /** What to record while `apply` runs; absent where no provider is asked. */
  readonly pending?: PendingOperationType;
  apply(context: StepContext): Promise<void>;
  commit(snapshot: Snapshot): void;
  /** Keeps a resource that exists, though it did not become ready. */
  keepPartial?(partial: NonNullable<ProviderError['partial']>): void;
  /** Run for such a resource once that has been reported. */
  afterPartial?(): void;
}

/** Why a resource is updated or replaced. */
export interface Change {
  keys?: string[];
  diffs?: string[];
  detailedDiff?: DiffResult['detailedDiff'];
}

type StepParts = Omit<Step, 'result' | 'urn' | 'type' | 'apply' | 'commit'> & Partial<Pick<Step, 'apply' | 'commit'>>;

/**
 * Completes a step; one that leaves out how it is done does nothing.
 * @param parts.state tells the step's URN and type
 * @param parts.change what a replacement or an update is made for
 */
export function step(parts: StepParts & { state: ResourceState; change?: Change }): Step {
  const { state, change = {}, ...others } = parts;
  const reasons = Object.entries(change).filter(([, value]) => value !== undefined);
  return {
    apply: () => Promise.resolve(),
    commit: () => undefined,
    ...(Object.fromEntries(reasons) as Change),
    ...others,
    result: parts.operation,
    urn: state.urn,
    type: state.type,
  };
}

/** @returns the time as a state holds it */
export function now(): string {
  return new Date().toISOString();
}

/** @returns the provider of a resource */
export async function clientOf(state: ResourceState, context: StepContext): Promise<ProviderClient> {
  return context.registry.get(state.provider ?? '');
}

/** @returns what exists of a resource that did not become ready. @throws any other error */
export function partialOf(error: unknown): NonNullable<ProviderError['partial']> {
  if (error instanceof ProviderError && error.partial !== undefined) {
    return error.partial;
  }
  throw error;
}

/** Marks outputs as secret that are declared so, or that return a secret input. */
export function withSecretOutputs(outputs: Properties, state: ResourceState): Properties {
  const names = new Set(state.additionalSecretOutputs);
  const hidden = (key: string): boolean => names.has(key) || isSecret(state.inputs?.[key] ?? null);
  return Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, hidden(key) && !isSecret(value) ? secret(value) : value]),
  );
}

/** A resource that exists though it did not become ready: the state keeps it, and why. */
export function keepPartial(state: ResourceState, partial: NonNullable<ProviderError['partial']>): void {
  state.id = partial.id;
  state.outputs = withSecretOutputs(partial.properties, state);
  state.inputs = partial.inputs ?? state.inputs;
  state.initErrors = partial.reasons;
}
