import type { EngineEvent, StepEventMetadata } from '@pulumi/pulumi/automation/events.js';
import type { Properties } from '../provider.ts';
import type { OutputChange } from './display.ts';
import { ProgressDisplay } from './display.ts';
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
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((key) => created || !equalProperties(before[key], after[key]))
      .sort();
    if (keys.length > 0) {
      this.#print('    --outputs:--\n');
    }
    const width = Math.max(0, ...keys.map((key) => key.length));
    for (const key of keys) {
      const [old, now] = [before[key], after[key]];
      const sign = created ? '' : old === undefined ? '+ ' : now === undefined ? '- ' : '~ ';
      const text = sign === '~ ' ? `${printProperty(old)} => ${printProperty(now)}` : printProperty(now ?? old);
      this.#print(`  ${created ? '  ' : sign}${key.padEnd(width)}: ${text}\n`);
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

  #properties(metadata: StepEventMetadata, indent: string): void {
    const old = (metadata.old?.inputs ?? {}) as Properties;
    const fresh = (metadata.new?.inputs ?? {}) as Properties;
    const whole = metadata.old === undefined || metadata.old === null;
    const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
      .filter((key) => !key.startsWith('__'))
      .filter((key) => whole || (metadata.new && !equalProperties(old[key], fresh[key])))
      .sort();
    const width = Math.max(0, ...keys.map((key) => key.length));
    for (const key of keys) {
      const [before, after] = [old[key], fresh[key]];
      const sign = whole ? '' : before === undefined ? '+ ' : after === undefined ? '- ' : '~ ';
      const text =
        sign === '~ '
          ? `${printProperty(before, indent, true)} => ${printProperty(after, indent, true)}`
          : printProperty(after ?? before, indent, true);
      this.#print(`${indent}${sign}${key.padEnd(width)}: ${text}\n`);
    }
  }
}
