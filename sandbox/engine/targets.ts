import { allDependencies } from './dependency-graph.ts';
import type { ResourceState } from './state.ts';

/** URNs as an option of the command line names them. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ */
export class UrnPatterns {
  readonly #patterns: RegExp[];
  /** Those without a wildcard. */
  readonly literals: string[];
  readonly #added = new Set<string>();

  constructor(patterns: string[]) {
    this.#patterns = patterns.map(glob);
    this.literals = patterns.filter((pattern) => !pattern.includes('*'));
  }

  /** Whether the option was given at all. */
  get given(): boolean {
    return this.#patterns.length > 0;
  }

  matches(urn: string): boolean {
    return this.#added.has(urn) || this.#patterns.some((pattern) => pattern.test(urn));
  }

  add(urn: string): void {
    this.#added.add(urn);
  }
}

/** What `--target` and `--exclude` select. Dependents of a target are added as they are registered. */
export class Targets {
  readonly targets: UrnPatterns;
  readonly excludes: UrnPatterns;
  readonly targetDependents: boolean;
  readonly #excludeDependents: boolean;
  /** Targets, and what was found to depend on them, in the order of registration. */
  readonly #targeted: UrnPatterns;
  readonly #excluded: UrnPatterns;

  constructor(options: {
    targets: string[];
    excludes: string[];
    targetDependents: boolean;
    excludeDependents: boolean;
  }) {
    this.targets = new UrnPatterns(options.targets);
    this.excludes = new UrnPatterns(options.excludes);
    this.targetDependents = options.targetDependents;
    this.#excludeDependents = options.excludeDependents;
    this.#targeted = new UrnPatterns(options.targets);
    this.#excluded = new UrnPatterns(options.excludes);
  }

  /** Whether an operation works on a resource. */
  includes(state: ResourceState): boolean {
    if (this.targets.given) {
      return this.#isTargeted(state);
    }
    return !this.excludes.given || !this.#isExcluded(state);
  }

  /** Records a resource, for those that depend on it. */
  note(state: ResourceState, included: boolean): void {
    if (this.excludes.given && !included && this.#isExcluded(state)) {
      this.#excluded.add(state.urn);
    } else if (this.targets.given && included && this.#isTargeted(state)) {
      this.#targeted.add(state.urn);
    }
  }

  #isTargeted(state: ResourceState): boolean {
    return (
      this.targets.matches(state.urn) ||
      (this.targetDependents && allDependencies(state).some((urn) => this.#targeted.matches(urn)))
    );
  }

  #isExcluded(state: ResourceState): boolean {
    return (
      this.excludes.matches(state.urn) ||
      (this.#excludeDependents && allDependencies(state).some((urn) => this.#excluded.matches(urn)))
    );
  }

  get excludeDependents(): boolean {
    return this.#excludeDependents;
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
