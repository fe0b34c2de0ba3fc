/** Which code deploys a pipeline type: an approval is bound to it, and it is stored with each execution. */
import packageJson from '../package.json' with { type: 'json' };
import type { Blueprint } from '../blueprints/blueprint.ts';

/** @returns the version of the package that the blueprint came with; ours for the built-in ones */
export function blueprintVersion(blueprint: Blueprint & { version?: string }): string {
  return blueprint.version ?? packageJson.version;
}
