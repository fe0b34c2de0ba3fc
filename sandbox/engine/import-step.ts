import type { ResourceState } from './state.ts';
import type { Step } from './step.ts';
import { clientOf, now, partialOf, step, withSecretOutputs } from './step.ts';

/**
 * Imports an existing resource as it is; changes that the program wants come afterwards.
 * @param replacing what the stack has under this name, to be deleted in the end
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/import/
 */
export function importStep(fresh: ResourceState, replacing?: ResourceState): Step {
  const id = fresh.importID ?? '';
  const imported: Step = step({
    operation: replacing === undefined ? 'import' : 'import-replacement',
    state: fresh,
    new: fresh,
    logical: replacing === undefined,
    pending: 'importing',
    async apply(context) {
      const client = await clientOf(fresh, context);
      const found = await client
        .read({ urn: fresh.urn, id, inputs: {}, outputs: {}, timeout: fresh.customTimeouts?.read })
        .catch((error: unknown) => {
          const partial = partialOf(error);
          fresh.initErrors = partial.reasons;
          return { ...partial, exists: true, inputs: partial.inputs ?? {} };
        });
      if (!found.exists) {
        throw new Error(`resource '${id}' does not exist`);
      }
      fresh.id = found.id || id;
      fresh.inputs = found.inputs;
      fresh.outputs = withSecretOutputs(found.properties, fresh);
      imported.old = { ...fresh, additionalSecretOutputs: [], aliases: [], created: undefined, modified: undefined };
      fresh.created = now();
      fresh.modified = fresh.created;
      if (replacing !== undefined) {
        replacing.delete = true;
      }
    },
    commit: (snapshot) => snapshot.add(fresh),
  });
  return imported;
}
