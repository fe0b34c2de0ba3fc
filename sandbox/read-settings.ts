/** The sandbox's settings where they come from a person: whatever is probably a misspelled one is refused. */
import { SETTINGS } from '../automation/config/config.ts';
import { misspelledSettings } from '../automation/config/misspelled-settings.ts';
import type { SandboxSettings } from './config.ts';
import { SANDBOX_SETTINGS, sandboxSettingsOf } from './config.ts';

/**
 * @param env usually `process.env`; of the process itself only the working directory is used
 * @throws SandboxConfigError listing every problem.
 */
export function readSandboxSettings(env: NodeJS.ProcessEnv): SandboxSettings {
  // The service has settings that the sandbox does not read itself.
  return sandboxSettingsOf(env, misspelledSettings(env, [...SANDBOX_SETTINGS, ...SETTINGS]));
}
