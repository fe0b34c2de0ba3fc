/** AWS' API models for a spec that is of no use without them. */
import type { Context } from 'mocha';
import type { ServiceModel } from './aws-models.ts';
import { loadModels } from './aws-models.ts';
import { NoPythonPackage } from './python-package.ts';

/**
 * Skips the spec, saying so, where no Python package can be installed; CI has it.
 * @param context of the `before` hook
 * @param what is held against the models
 */
export async function modelsOrSkip(
  context: Context,
  services: readonly string[],
  what: string,
): Promise<Record<string, ServiceModel>> {
  try {
    return await loadModels(services);
  } catch (error) {
    if (!(error instanceof NoPythonPackage) || process.env.CI) throw error;
    process.stderr.write(`\nSKIPPED: ${what} against AWS' API models. ${error.message}\n\n`);
    return context.skip();
  }
}
