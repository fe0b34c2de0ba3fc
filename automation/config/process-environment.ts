/**
 * What other processes than the service's own take from the environment variables. Apart from config.ts, whose schema of all
 * settings would be a tenth of what a child process imports.
 */
import { commaList } from './comma-list.ts';

/**
 * The entries of `CUSTOM_BLUEPRINTS`, each once. Child processes read them for themselves.
 * @param env usually `process.env`
 */
export function customBlueprintSources(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  return [...new Set(commaList(env.CUSTOM_BLUEPRINTS))];
}

/** A copy of the process's variables, for processes that are started with them. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env };
}
