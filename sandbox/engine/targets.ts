import { dependentsOf } from './dependency-graph.ts';
import type { ResourceState } from './state.ts';

/** What `--target` and `--exclude` leave in. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ */
export class Targets {
  readonly #targets: RegExp[];
  readonly #excludes: RegExp[];
  readonly #dependents: Set<string>;

  /** @param olds the state, to find those that depend on a target when `withDependents` is set */
  constructor(targets: string[], excludes: string[], withDependents: boolean, olds: ResourceState[]) {
    this.#targets = targets.map(glob);
    this.#excludes = excludes.map(glob);
    const roots = olds.filter((state) => this.#targets.some((pattern) => pattern.test(state.urn)));
    this.#dependents = new Set(withDependents ? dependentsOf(roots, olds).map((state) => state.urn) : []);
  }

  includes(urn: string): boolean {
    if (this.#excludes.some((pattern) => pattern.test(urn))) {
      return false;
    }
    return (
      this.#targets.length === 0 || this.#targets.some((pattern) => pattern.test(urn)) || this.#dependents.has(urn)
    );
  }
}

/** `**` stands for anything, `*` for anything but `:`. */
function glob(pattern: string): RegExp {
  const source = pattern
    .split('**')
    .map((part) => part.split('*').map(escape).join('[^:]*'))
    .join('.*');
  return new RegExp(`^${source}$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
