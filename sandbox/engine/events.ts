import type { EngineEvent } from '@pulumi/pulumi/automation/events.js';
import type { Properties, Property } from '../provider.ts';
import { ASSET, SECRET, SIGNATURE } from '../provider.ts';
import { isObject, isSecret, mapProperty, signatureOf, sortKeys } from './properties.ts';
import type { ResourceState } from './state.ts';
import type { Operation, Step } from './step.ts';
import { isDefaultProvider } from './urn.ts';

export type Severity = 'debug' | 'info' | 'info#err' | 'warning' | 'error';

export interface Diagnostic {
  severity: Severity;
  message: string;
  /** Absent for events about the whole operation. */
  urn?: string;
  streamId?: number;
  ephemeral?: boolean;
}

/** For a call whose effect is unknown. */
export const UNKNOWN_STATUS = 2;

export interface Summary {
  durationSeconds: number;
  resourceChanges: Record<string, number>;
  isPreview: boolean;
  result: 'succeeded' | 'failed';
}

/** An observer of an operation: the terminal, the Automation API. */
export interface EventListener {
  /** @param internal whether it concerns a resource that the engine created itself, which is not shown */
  onEvent(event: EngineEvent, internal: boolean): void;
  /** After the last event. */
  close?(): Promise<void>;
}

/**
 * The engine's events in the format of `--event-log`. They never contain secrets.
 * @see https://www.pulumi.com/docs/reference/pkg/nodejs/pulumi/pulumi/automation/events/
 */
export class EngineEvents {
  readonly #listeners: EventListener[];
  readonly #preview: boolean;
  readonly #secrets: string[];
  readonly #debug: boolean;
  #sequence = 0;
  #maybeCorrupt = false;

  /**
   * @param options.secrets texts that diagnostics must not show: the stack's secret configuration
   * @param options.debug whether to pass on the SDK's debug messages (`--debug`)
   */
  constructor(listeners: EventListener[], options: { preview: boolean; secrets: string[]; debug: boolean }) {
    this.#listeners = listeners;
    this.#preview = options.preview;
    this.#secrets = options.secrets.filter((secret) => secret !== '');
    this.#debug = options.debug;
  }

  prelude(config: Record<string, string>): void {
    this.#emit({ preludeEvent: { config } });
  }

  before(step: Step): void {
    this.#emit({ resourcePreEvent: { metadata: metadata(step, step.operation), ...this.#planning() } }, step);
  }

  /** @param operation the result of a refresh, if the operation only refreshes */
  after(step: Step, operation: Operation = step.operation): void {
    this.#emit({ resOutputsEvent: { metadata: metadata(step, operation), ...this.#planning() } }, step);
  }

  /** @param steps how many steps had succeeded by then; @param status 1 if the resource exists nevertheless, 2 if that is unknown */
  failed(step: Step, status: number, steps: number): void {
    this.#maybeCorrupt ||= status === UNKNOWN_STATUS;
    this.#emit({ resOpFailedEvent: { metadata: metadata(step, step.operation), status, steps } }, step);
  }

  diagnostic({ severity, message, urn, streamId, ephemeral }: Diagnostic): void {
    if (severity === 'debug' && !this.#debug) {
      return;
    }
    const shown = this.#secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), message);
    const prefixes: Partial<Record<Severity, string>> = { error: 'error: ', warning: 'warning: ', debug: 'debug: ' };
    const prefix = prefixes[severity];
    this.#emit({
      diagnosticEvent: {
        ...(urn !== undefined && urn !== '' && { urn }),
        ...(prefix !== undefined && { prefix }),
        message: shown.endsWith('\n') ? shown : `${shown}\n`,
        color: 'never',
        severity,
        ...(streamId !== undefined && streamId !== 0 && { streamID: streamId }),
        ...(ephemeral === true && { ephemeral }),
      },
    });
  }

  summary({ durationSeconds, resourceChanges, isPreview, result }: Summary): void {
    const changes = Object.fromEntries(
      Object.entries(resourceChanges).sort(([left], [right]) => (left < right ? -1 : 1)),
    );
    this.#emit({
      summaryEvent: {
        maybeCorrupt: this.#maybeCorrupt,
        durationSeconds,
        resourceChanges: changes,
        PolicyPacks: {},
        isPreview,
        result,
      },
    });
  }

  /** The last event of every operation, failed or not. */
  async close(): Promise<void> {
    this.#emit({ cancelEvent: {} });
    await Promise.all(this.#listeners.map((listener) => listener.close?.()));
  }

  #planning(): { planning?: true } {
    return this.#preview ? { planning: true } : {};
  }

  #emit(content: Record<string, unknown>, step?: Step): void {
    const timestamp = Math.floor(Date.now() / 1000);
    const internal = step !== undefined && !isReported(step);
    const event = { sequence: this.#sequence++, timestamp, ...content } as unknown as EngineEvent;
    this.#listeners.forEach((listener) => listener.onEvent(event, internal));
  }
}

/** Default providers, and what a replacement leaves behind, are in the event log, but neither shown nor counted. */
export function isReported(step: Step): boolean {
  return step.operation !== 'remove-pending-replace' && !isDefaultProvider(step.urn);
}

function metadata(step: Step, op: Operation): Record<string, unknown> {
  const { old, keys, diffs, detailedDiff, logical } = step;
  const state = step.new ?? old;
  return {
    op,
    urn: step.urn,
    type: step.type,
    old: old === undefined ? null : stateMetadata(old),
    new: step.new === undefined ? null : stateMetadata(step.new),
    ...(keys && keys.length > 0 && { keys }),
    ...(diffs && diffs.length > 0 && { diffs }),
    detailedDiff: detailedDiff
      ? Object.fromEntries(
          Object.entries(detailedDiff).map(([path, { kind, inputDiff }]) => [path, { diffKind: kind, inputDiff }]),
        )
      : null,
    ...(logical && { logical }),
    provider: state?.provider ?? '',
  };
}

function stateMetadata(state: ResourceState): Record<string, unknown> {
  return {
    type: state.type,
    urn: state.urn,
    ...(state.custom && { custom: true }),
    ...(state.delete === true && { delete: true }),
    id: state.id ?? '',
    parent: state.parent ?? '',
    ...(state.protect === true && { protect: true }),
    ...(state.taint === true && { taint: true }),
    ...(state.external === true && { external: true }),
    ...(state.retainOnDelete === true && { retainOnDelete: true }),
    inputs: publicProperties(state.inputs ?? {}),
    outputs: publicProperties(state.outputs ?? {}),
    provider: state.provider ?? '',
    ...(state.initErrors && state.initErrors.length > 0 && { initErrors: state.initErrors }),
    ...(state.hideDiff && state.hideDiff.length > 0 && { hideDiffs: state.hideDiff }),
  };
}

/** @returns properties with secrets masked and contents of assets left out. */
export function publicProperties(properties: Properties): Properties {
  const shown = mapProperty(properties, (value: Property): Property => {
    if (isSecret(value)) {
      return { [SIGNATURE]: SECRET, ciphertext: '[secret]' };
    }
    if (isObject(value) && signatureOf(value) === ASSET && typeof value['text'] === 'string') {
      return { ...(value as Properties), text: '<contents elided>' };
    }
    return value;
  });
  return sortKeys(shown) as Properties;
}
