import type { EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation/events.js';
import type { Properties, Property } from '../provider.ts';
import type { OutputChange } from './display.ts';
import { changedLines, ProgressDisplay } from './display.ts';
import { STACK_TYPE } from './urn.ts';
import { equalProperties } from './properties.ts';
import { printProperty } from './property-text.ts';

const SIGNS: Record<string, string> = {
  create: '+ ',
  update: '~ ',
  delete: '- ',
  replace: '+-',
  'create-replacement': '++',
  'delete-replaced': '--',
  read: '> ',
  import: '= ',
};

/** Shows every change with its properties (`--diff`). */
export class DiffDisplay extends ProgressDisplay {
  readonly #print: (text: string) => void;
  readonly #headline: string;
  readonly #depths = new Map<string, number>();

  constructor(...[write, title, root]: ConstructorParameters<typeof ProgressDisplay>) {
    // The diff replaces the progress lines; diagnostics and the summary stay.
    super((text) => (this.#quiet ? undefined : write(text)), title, root);
    this.#print = write;
    this.#headline = title.headline;
  }

  #quiet = true;

  override onEvent(event: EngineEvent, internal: boolean): void {
    super.onEvent(event, internal);
    if (internal) {
      return;
    }
    if (event.preludeEvent) {
      this.#print(`${this.#headline}\n`);
    } else if (event.resourcePreEvent) {
      this.#resource(event.resourcePreEvent.metadata);
    }
  }

  override finish(...args: Parameters<ProgressDisplay['finish']>): void {
    this.#quiet = false;
    super.finish(...args);
  }

  protected override showRoot(): void {
    // The tree has the stack at its top.
  }

  protected override showOutputs({ before, after, created }: OutputChange): void {
    const sign = created ? ' ' : undefined;
    const lines = changedLines(before, after, (old, now) => (equalProperties(old, now) && !created ? null : sign));
    if (lines.length > 0) {
      this.#print(`    --outputs:--\n${lines.map((line) => `  ${line}\n`).join('')}`);
    }
  }

  #resource(metadata: StepEventMetadata): void {
    const state = metadata.new ?? metadata.old;
    const depth = state?.parent ? (this.#depths.get(state.parent) ?? 0) + 1 : 0;
    this.#depths.set(metadata.urn, depth);
    const sign = SIGNS[metadata.op] ?? '  ';
    if (metadata.op === 'same' && metadata.type !== STACK_TYPE) {
      return;
    }
    const indent = '    '.repeat(depth);
    this.#print(`${depth === 0 ? '' : indent}${sign}${metadata.type}: (${metadata.op})\n`);
    const inner = `${indent}    `;
    if (metadata.old?.id) {
      this.#print(`${inner}[id=${metadata.old.id}]\n`);
    }
    this.#print(`${inner}[urn=${metadata.urn}]\n`);
    if (metadata.provider) {
      this.#print(`${inner}[provider=${metadata.provider}]\n`);
    }
    this.#properties(metadata, inner);
  }

  #properties({ old, new: fresh }: StepEventMetadata, indent: string): void {
    const whole = old === undefined || old === null;
    const shown = (properties: Record<string, unknown> = {}): Properties =>
      Object.fromEntries(Object.entries(properties as Properties).filter(([key]) => !key.startsWith('__')));
    const sign = (before: Property | undefined, after: Property | undefined): string | null | undefined =>
      whole ? '' : fresh && !equalProperties(before, after) ? undefined : null;
    const lines = changedLines(shown(old?.inputs), shown(fresh?.inputs), sign, (value) =>
      printProperty(value, indent, true),
    );
    lines.forEach((line) => this.#print(`${indent}${line}\n`));
  }
}
