import type { PendingOperation, ResourceState } from './state.ts';

/**
 * The state of a stack while an operation runs: what the operation has touched, in the order in which it was done,
 * before what it has not (yet). Every change is written at once, so that a killed process leaves an accurate record.
 */
export class Snapshot {
  readonly #base: ResourceState[];
  readonly #news: ResourceState[] = [];
  readonly #done = new Set<ResourceState>();
  readonly #renamed = new Map<string, string>();
  #pending: PendingOperation[];
  readonly #save: (resources: ResourceState[], pending: PendingOperation[]) => void;

  /** @param save is given the whole state after every change; a preview saves nothing */
  constructor(
    base: ResourceState[],
    pending: PendingOperation[],
    save: (resources: ResourceState[], pending: PendingOperation[]) => void,
  ) {
    this.#base = base;
    this.#pending = pending;
    this.#save = save;
  }

  /** What the operation found when it began, without what it has removed. */
  get olds(): ResourceState[] {
    return this.#base.filter((state) => !this.#done.has(state));
  }

  get pending(): PendingOperation[] {
    return this.#pending;
  }

  resources(): ResourceState[] {
    return [...this.#news, ...this.olds].map((state) => this.#withNewNames(state));
  }

  /** Records that a cloud operation has started. @returns a function that removes the record */
  begin(operation: PendingOperation): () => void {
    this.#pending = [...this.#pending, operation];
    this.save();
    return () => {
      this.#pending = this.#pending.filter((pending) => pending !== operation);
    };
  }

  forgetPending(operations: PendingOperation[]): void {
    this.#pending = this.#pending.filter((pending) => !operations.includes(pending));
  }

  add(state: ResourceState): void {
    if (!this.#news.includes(state)) {
      this.#news.push(state);
    }
  }

  /** The state no longer applies: the resource was deleted, or another took its place. */
  remove(state: ResourceState): void {
    this.#done.add(state);
    const index = this.#news.indexOf(state);
    if (index >= 0) {
      this.#news.splice(index, 1);
    }
  }

  /** Puts a refreshed state where the old one stood; nothing where the resource is gone. */
  refresh(old: ResourceState, fresh: ResourceState | undefined): void {
    const index = this.#base.indexOf(old);
    if (index >= 0) {
      this.#base.splice(index, 1, ...(fresh === undefined ? [] : [fresh]));
    }
  }

  /** Takes out of the states what names resources that a refresh found gone. */
  repair(): void {
    const parents = new Map<string, string>();
    const here = new Set<string>();
    for (const [index, state] of this.#base.entries()) {
      const there = (urn: string): boolean => here.has(urn);
      const { parent = '', dependencies, propertyDependencies, deletedWith, replaceWith } = state;
      this.#base[index] = Object.assign(state, {
        ...(dependencies && { dependencies: dependencies.filter(there) }),
        ...(propertyDependencies && {
          propertyDependencies: Object.fromEntries(
            Object.entries(propertyDependencies)
              .map(([key, urns]) => [key, urns.filter(there)] as const)
              .filter(([, urns]) => urns.length > 0),
          ),
        }),
        ...(deletedWith !== undefined && !there(deletedWith) && { deletedWith: undefined }),
        ...(replaceWith && { replaceWith: replaceWith.filter(there) }),
        ...(parent !== '' && !there(parent) && { parent: parents.get(parent) ?? '' }),
      });
      here.add(state.urn);
      parents.set(state.urn, state.parent ?? '');
    }
  }

  /** The URN of a resource changed: references to the old one are rewritten to the new one. */
  rename(from: string, to: string): void {
    if (from !== to) {
      this.#renamed.set(from, to);
    }
  }

  save(): void {
    this.#save(this.resources(), this.#pending);
  }

  #withNewNames(state: ResourceState): ResourceState {
    if (this.#renamed.size === 0) {
      return state;
    }
    const urn = (name: string): string => this.#renamed.get(name) ?? name;
    const reference = state.provider?.replace(
      /^(.*)::([^:]*)$/,
      (_, name: string, id: string) => `${urn(name)}::${id}`,
    );
    return {
      ...state,
      ...(state.parent !== undefined && { parent: urn(state.parent) }),
      ...(state.dependencies && { dependencies: state.dependencies.map(urn) }),
      ...(reference !== undefined && { provider: reference }),
      ...(state.deletedWith !== undefined && { deletedWith: urn(state.deletedWith) }),
      ...(state.propertyDependencies && {
        propertyDependencies: Object.fromEntries(
          Object.entries(state.propertyDependencies).map(([key, urns]) => [key, urns.map(urn)]),
        ),
      }),
    };
  }
}
