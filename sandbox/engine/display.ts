import type { DiagnosticEvent, EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation/events.js';
import type { Properties, Property } from '../provider.ts';
import { displayType, STACK_TYPE, urnName, urnType } from './urn.ts';
import { equalProperties } from './properties.ts';
import { printProperty } from './property-text.ts';
import type { EventListener, Severity } from './events.ts';
import { publicProperties } from './events.ts';
import type { ResourceState } from './state.ts';

/** What an operation is called while it runs. */
export interface DisplayTitle {
  /** `Updating (dev):` */
  headline: string;
  /** `updating` */
  progress: string;
  preview: boolean;
}

/** The stack's outputs before and after. */
export interface OutputChange {
  before: Properties;
  after: Properties;
  /** Whether the stack had none before: then nothing is marked as new. */
  created: boolean;
}

/** How each operation is shown: its sign, and its wording in a preview, while it runs, and when it is done. */
const WORDS: Record<string, [sign: string, plan: string, doing: string, done: string]> = {
  same: ['  ', '', '', ''],
  create: ['+ ', 'create', 'creating', 'created'],
  update: ['~ ', 'update', 'updating', 'updated'],
  delete: ['- ', 'delete', 'deleting', 'deleted'],
  replace: ['+-', 'replace', 'replacing', 'replaced'],
  'create-replacement': ['++', 'create replacement', 'creating replacement', 'created replacement'],
  'delete-replaced': ['--', 'delete original', 'deleting original', 'deleted original'],
  read: ['> ', 'read', 'reading', 'read'],
  'read-replacement': ['>~', 'read for replacement', 'reading for replacement', 'read for replacement'],
  'read-discard': ['< ', 'discard', 'discarding', 'discarded'],
  'discard-replaced': ['<<', 'discard original', 'discarding original', 'discarded original'],
  refresh: ['~ ', 'refreshing', 'refreshing', ''],
  import: ['= ', 'import', 'importing', 'imported'],
};

const SUMMARY_ORDER = Object.keys(WORDS).filter((operation) => operation !== 'same');

/** Shows an operation line by line, as the CLI does in non-interactive mode. */
export class ProgressDisplay implements EventListener {
  readonly #write: (text: string) => void;
  readonly #title: DisplayTitle;
  readonly #started = new Map<string, number>();
  readonly #diagnostics = new Map<string, string[]>();
  readonly #errored = new Set<string>();
  /** What a resource's last line said: a diagnostic repeats it. */
  readonly #status = new Map<string, string>();
  #config = false;
  #root = '';

  constructor(write: (text: string) => void, title: DisplayTitle, root: string) {
    this.#write = write;
    this.#title = title;
    this.#root = root;
  }

  onEvent(event: EngineEvent, internal: boolean): void {
    if (internal) {
      return;
    }
    if (event.preludeEvent && !this.#config) {
      this.#config = true;
      this.#write(`${this.#title.headline}\n@ ${this.#title.progress}.....\n\n`);
    } else if (event.resourcePreEvent) {
      this.#before(event.resourcePreEvent.metadata);
    } else if (event.resOutputsEvent) {
      this.#after(event.resOutputsEvent.metadata);
    } else if (event.resOpFailedEvent) {
      const { metadata } = event.resOpFailedEvent;
      const [, , doing = ''] = words(metadata.op);
      this.#line(metadata, `**${doing} failed** ${this.#lastError(metadata.urn)}`);
    } else if (event.diagnosticEvent) {
      this.#diagnostic(event.diagnosticEvent);
    }
  }

  /**
   * Prints the result.
   * @param outputs the stack's outputs before and after; absent in a preview
   */
  finish(changes: Record<string, number>, seconds: number, outputs?: OutputChange): void {
    const { preview } = this.#title;
    this.showRoot(changes);
    this.#showDiagnostics();
    if (outputs !== undefined) {
      this.showOutputs(outputs);
    }
    this.#write(`${summaryText(changes, preview, this.#errored.size)}\n`);
    this.#write(preview ? '\n' : `Duration: ${seconds}s\n\n`);
  }

  /** The stack's own line, which stays when all others have scrolled away. */
  protected showRoot(changes: Record<string, number>): void {
    const failed = this.#errored.has(this.#root) ? '**failed** 1 error' : ' ';
    if (changes['create'] === undefined || !this.#started.has(this.#root)) {
      this.#write(`    ${STACK_TYPE} ${urnName(this.#root)} ${failed}\n`);
    }
  }

  #showDiagnostics(): void {
    if (this.#diagnostics.size > 0) {
      this.#write('Diagnostics:\n');
    }
    for (const [urn, messages] of this.#diagnostics) {
      this.#write(`  ${displayType(urnType(urn))} (${urnName(urn)}):\n`);
      this.#write(`${messages.map((text) => text.replace(/^(?=.)/gm, '    ')).join('')}\n`);
    }
  }

  #before(metadata: StepEventMetadata): void {
    this.#started.set(metadata.urn, Date.now());
    if (metadata.op === 'same') {
      return;
    }
    const [, plan, doing] = words(metadata.op);
    this.#line(metadata, this.#title.preview ? `${plan} ` : `${doing} (0s) `, diffText(metadata));
  }

  #after(metadata: StepEventMetadata): void {
    const [, , , done] = words(metadata.op);
    if (this.#title.preview || done === '') {
      return;
    }
    const seconds = ((Date.now() - (this.#started.get(metadata.urn) ?? Date.now())) / 1000).toFixed(2);
    this.#line(metadata, `${done} (${seconds}s) `, diffText(metadata));
  }

  #line(metadata: StepEventMetadata, status: string, info = ''): void {
    const [sign] = words(metadata.op);
    const line = ` ${sign} ${displayType(metadata.type)} ${urnName(metadata.urn)} ${status}`;
    this.#status.set(metadata.urn, line);
    this.#write(`${line}${info}\n`);
  }

  #diagnostic(event: DiagnosticEvent): void {
    const { severity, message, prefix = '', ephemeral } = event;
    if ((severity as Severity) === 'debug' || ephemeral === true) {
      return;
    }
    const urn = event.urn ?? this.#root;
    this.#diagnostics.set(urn, [...(this.#diagnostics.get(urn) ?? []), `${prefix}${message}`]);
    if (severity === 'error') {
      this.#errored.add(urn);
    }
    const first = message.split('\n')[0] ?? '';
    const line = this.#status.get(urn) ?? `    ${displayType(urnType(urn))} ${urnName(urn)} running `;
    this.#write(`${line}${prefix}${first}\n`);
  }

  #lastError(urn: string): string {
    return this.#diagnostics.get(urn)?.at(-1)?.split('\n')[0] ?? '';
  }

  protected showOutputs({ before, after, created }: OutputChange): void {
    const lines = changedLines(before, after, (old, now) => (created || equalProperties(old, now) ? ' ' : undefined));
    if (lines.length > 0) {
      this.#write(`Outputs:\n${lines.map((line) => `  ${line}\n`).join('')}\n`);
    }
  }
}

/**
 * One line for each property, as `~ name: old => new`.
 * @param sign of a pair of values, in place of what follows from their presence; the line is left out where it is `null`
 * @param print writes a value
 */
export function changedLines(
  before: Properties,
  after: Properties,
  sign: (old: Property | undefined, now: Property | undefined) => string | null | undefined,
  print: (value: Property | undefined) => string = printProperty,
): string[] {
  const all = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const rows = all.flatMap((key) => {
    const [old, now] = [before[key], after[key]];
    const own = sign(old, now);
    const mark = own ?? (old === undefined ? '+' : now === undefined ? '-' : '~');
    return own === null
      ? []
      : [{ key, mark, text: mark === '~' ? `${print(old)} => ${print(now)}` : print(now ?? old) }];
  });
  const width = Math.max(0, ...rows.map(({ key }) => key.length));
  return rows.map(({ key, mark, text }) => `${mark}${mark === '' ? '' : ' '}${key.padEnd(width)}: ${text}`);
}

function words(operation: string): [string, string, string, string] {
  return WORDS[operation] ?? ['  ', operation, operation, operation];
}

function diffText(metadata: StepEventMetadata): string {
  const diffs = (metadata.diffs ?? []).filter((key) => !key.startsWith('__'));
  if (diffs.length === 0) {
    return '';
  }
  const [old, now] = [metadata.old?.inputs ?? {}, metadata.new?.inputs ?? {}];
  const groups: Record<string, string[]> = { '+': [], '-': [], '~': [] };
  for (const key of diffs) {
    const sign = !(key in old) && key in now ? '+' : key in old && !(key in now) ? '-' : '~';
    groups[sign]?.push(key);
  }
  const shown = Object.entries(groups).map(([sign, keys]) => (keys.length > 0 ? sign + keys.join(',') : ''));
  return `[diff: ${shown.join('')}]`;
}

/** @returns the `Resources:` paragraph. */
function summaryText(changes: Record<string, number>, preview: boolean, errors: number): string {
  const lines = ['Resources:'];
  const kinds = SUMMARY_ORDER.filter((operation) => (changes[operation] ?? 0) > 0);
  for (const operation of kinds) {
    const [sign, plan, , done] = words(operation);
    lines.push(`    ${sign}${changes[operation]} ${preview ? `to ${plan}` : done}`);
  }
  const same = changes['same'] ?? 0;
  const total = kinds.reduce((sum, operation) => sum + (changes[operation] ?? 0), 0);
  const unchanged = same > 0 ? `${same} unchanged` : '';
  if (kinds.length > 1) {
    lines.push(`    ${total} changes.${unchanged === '' ? '' : ` ${unchanged}`}`);
  } else if (unchanged !== '') {
    lines.push(`    ${unchanged}`);
  }
  if (errors > 0) {
    lines.push(`    ${errors} errored`);
  }
  return `${lines.join('\n')}\n`;
}

/** @returns the outputs of the stack itself, with secrets masked. */
export function stackOutputs(resources: readonly ResourceState[]): Properties {
  return publicProperties(resources.find((state) => state.type === STACK_TYPE)?.outputs ?? {});
}
