/** What a person does in the console: changes that bypass Pulumi. For tests and demonstrations of drift. */
import type { Property } from '../provider.ts';
import set from 'es-toolkit/compat/set';
import unset from 'es-toolkit/compat/unset';
import { Store } from './store.ts';
import type { StoredResource } from './store.ts';

/** One resource of the sandbox AWS, changed by someone who bypasses Pulumi. */
export interface ByHand {
  readonly resource: StoredResource;
  /** @param changes new values by path, such as `tags.team`; undefined takes the property away */
  change(changes: Record<string, Property | undefined>): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Finds the one resource that is meant.
 * @param directory the accounts, `<home>/aws`
 * @param wanted its id, or a part of its URN, in which `*` stands for anything
 * @throws where there is none, or where it could be several: the message lists them
 */
export async function byHand(directory: string, wanted: string): Promise<ByHand> {
  const store = new Store(directory);
  const everything = await store.everything();
  const pattern = new RegExp(wanted.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*'));
  const byId = everything.filter(({ id }) => id === wanted);
  const found = byId.length > 0 ? byId : everything.filter(({ urn }) => pattern.test(urn));
  const [resource] = found;
  if (!resource || found.length > 1) {
    const list = (resource ? found : everything).map(({ id, urn }) => `\n  ${id}  ${urn}`).toSorted();
    const which = resource ? `${found.length} resources` : 'No resource';
    throw new Error(
      `${which} of the sandbox AWS in ${directory} can be meant by "${wanted}":${list.join('') || ' it is empty'}`,
    );
  }
  return {
    resource,
    async change(changes) {
      const inputs = structuredClone(resource.inputs);
      for (const [path, value] of Object.entries(changes)) {
        if (value === undefined) unset(inputs, path);
        else set(inputs, path, value);
      }
      await store.write({ ...resource, inputs });
    },
    remove: () => store.remove(resource),
  };
}
