/** What an engine showed, without what differs from run to run: times, generated ids, ciphertexts, ports. */
import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';

export interface Observation {
  step: string;
  value?: unknown;
  error?: { type: string; code: string; words: string[] };
  events: unknown[];
  diagnostics: string[];
  calls: string[];
  state: unknown;
  history: unknown;
}

const UUID = /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
/** Stands for an unknown value, so it is no generated id. */
const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** The same text for what is generated in each run. */
export function masked<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value ?? null)
      .replace(UUID, (id) => (id === UNKNOWN ? id : '<uuid>'))
      .replace(/\/tmp\/[\w./-]*/g, '<path>')
      .replace(/127\.0\.0\.1:\d+/g, '<address>'),
  ) as T;
}

/**
 * The CLI's own words: what begins with `error:`, and the exit code.
 * @throws the error itself if it is none of the CLI: nothing was compared where neither engine could be called
 */
export function observeError(error: unknown): NonNullable<Observation['error']> {
  const text = error instanceof Error ? error.message : String(error);
  const words = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^error: /.test(line));
  const code = /exit code (\d+)/.exec(text)?.[1] ?? /code: (-?\d+)/.exec(text)?.[1] ?? '';
  if (words.length === 0 && code === '') throw error;
  return { type: error instanceof Error ? error.name : '', code, words: masked([...new Set(words)].sort()) };
}

export function observeEvents(events: EngineEvent[], unordered: boolean): { events: unknown[]; diagnostics: string[] } {
  const steps: unknown[] = [];
  const diagnostics: string[] = [];
  for (const event of events) {
    const { diagnosticEvent, summaryEvent, preludeEvent, cancelEvent } = event;
    const step = event.resourcePreEvent ?? event.resOutputsEvent ?? event.resOpFailedEvent;
    if (step !== undefined) {
      const kind = event.resourcePreEvent ? 'pre' : event.resOutputsEvent ? 'out' : 'failed';
      const { sequence: _sequence, timestamp: _timestamp, ...rest } = event as unknown as Record<string, object>;
      const content = { ...Object.values(rest)[0] } as Record<string, unknown>;
      // How many deletions were done by then depends on which came first.
      if (/delete|discard/.test((step.metadata.op as string) ?? '')) delete content['steps'];
      steps.push({ kind, ...content, metadata: withSortedKeys(step.metadata) });
    } else if (diagnosticEvent) {
      const { severity, message, urn = '' } = diagnosticEvent;
      if ((severity as string) !== 'debug')
        diagnostics.push(`${severity} ${urn.split('::').at(-1)}: ${withoutStack(message.trim())}`);
    } else if (summaryEvent) {
      const { durationSeconds: _seconds, ...rest } = summaryEvent;
      steps.push({ kind: 'summary', ...rest });
    } else if (preludeEvent) {
      steps.push({ kind: 'prelude', ...preludeEvent });
    } else if (cancelEvent) {
      steps.push({ kind: 'cancel' });
    } else {
      steps.push(Object.keys(event).filter((key) => key !== 'sequence' && key !== 'timestamp'));
    }
  }
  const list = masked(steps.map(withoutTimes));
  return {
    events: unordered ? list.sort(byText) : sortedRuns(outputsOfComponentsFirst(list), isDeletion),
    // The SDK in this process reports one failed program as often as it has run programs.
    diagnostics: [...new Set(masked(diagnostics))].sort(),
  };
}

export function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !['created', 'modified', 'time', 'durationSeconds'].includes(key))
      .map(([key, each]) => [key, withoutTimes(isSetOfUrns(each) ? each.toSorted() : each)]),
  );
}

/** Dependencies: the SDK gathers them from values that resolve in any order. */
function isSetOfUrns(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string' && one.startsWith('urn:pulumi:'));
}

/** The real engine was seen to list the properties that ask for a replacement in either order. */
function withSortedKeys<T extends object>(metadata: T): T {
  const { keys } = metadata as { keys?: string[] };
  return keys ? { ...metadata, keys: keys.toSorted() } : metadata;
}

/** Of calls that may be made side by side, such as deletions, the engine takes any first. */
function sortedRuns<T>(list: T[], isOne: (item: T) => boolean): T[] {
  const sorted: T[] = [];
  let run: T[] = [];
  for (const item of list) {
    if (isOne(item)) {
      run.push(item);
    } else {
      sorted.push(...run.sort(byText), item);
      run = [];
    }
  }
  return [...sorted, ...run.sort(byText)];
}

/**
 * A component registers its outputs while the program goes on: they come somewhere between its registration and the end. They are
 * put right behind the registration.
 */
function outputsOfComponentsFirst(list: unknown[]): unknown[] {
  const outputs = list.filter(isOutputOfComponent);
  const rest = list.filter((event) => !outputs.includes(event));
  const moved = new Set<unknown>();
  const ordered = rest.flatMap((event) => {
    const own = outputs.filter((one) => kindOf(event) === 'pre' && urnOf(one) === urnOf(event) && !moved.has(one));
    own.forEach((one) => moved.add(one));
    return [event, ...own];
  });
  return [...ordered, ...outputs.filter((one) => !moved.has(one))];
}

function isOutputOfComponent(event: unknown): boolean {
  const { kind, metadata } = event as Shown;
  const { new: after } = metadata ?? {};
  return kind === 'out' && after !== null && after !== undefined && after.custom !== true && !isStack(after.type);
}

const isStack = (type: string): boolean => type === 'pulumi:pulumi:Stack';
const kindOf = (event: unknown): string | undefined => (event as Shown).kind;
const urnOf = (event: unknown): string | undefined => (event as Shown).metadata?.urn;

interface Shown {
  kind?: string;
  metadata?: { urn: string; new?: { custom?: boolean; type: string } | null };
}

function isDeletion(event: unknown): boolean {
  const { metadata } = event as { metadata?: { op: string } };
  return /^(delete|delete-replaced|discard|discard-replaced|remove-pending-replace)$/.test(metadata?.op ?? '');
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

export function observeCalls(calls: string[], unordered: boolean): string[] {
  if (unordered) return [...calls].sort();
  // Also in parallel: what a destroy with targets asks of the resources that depend on them.
  const diffs = sortedRuns([...calls], (call) => call.startsWith('diff '));
  return sortedRuns(diffs, (call) => call.startsWith('delete '));
}

/** Where an exception went through is a matter of the process, not of the engine. */
function withoutStack(message: string): string {
  return message.split('\n    at ')[0] ?? '';
}
