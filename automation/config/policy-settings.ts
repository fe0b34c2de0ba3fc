/** The settings of Pulumi policy packs: joi keys and what becomes of them. Read by config.ts only. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Joi from 'joi';
import type { EngineSettings, PolicyPack } from '../engine/engine.ts';
import { commaList } from './comma-list.ts';

type Values = Readonly<Record<string, string | number | undefined>>;

/** Policy packs are folders with this file. @see https://www.pulumi.com/docs/insights/policy/policy-packs/authoring/ */
const PROJECT_FILE = 'PulumiPolicy.yaml';

export const policyKeys = {
  POLICY_PACKS: Joi.string(),
  POLICY_PACK_CONFIGS: Joi.string(),
};

/** @returns the packs in the order of the setting, with absolute paths: the CLI runs in a separate directory. */
export function policyPacksOf(values: Values): readonly PolicyPack[] {
  const configs = commaList(values.POLICY_PACK_CONFIGS);
  return commaList(values.POLICY_PACKS).map((path, index) => {
    const config = configs[index];
    return { path: resolve(path), ...(config === undefined ? {} : { config: resolve(config) }) };
  });
}

/** @returns what is wrong with the settings beyond their form, one line each */
export function policyFaults(values: Values, engine: EngineSettings['kind']): string[] {
  const packs = commaList(values.POLICY_PACKS);
  const configs = commaList(values.POLICY_PACK_CONFIGS);
  if (packs.length > 0 && engine === 'sandbox') {
    return [
      'POLICY_PACKS requires the Pulumi CLI, because the simulated engine of the sandbox does not run policy packs: remove the setting, or start the sandbox with --engine real',
    ];
  }
  const count =
    configs.length > 0 && configs.length !== packs.length
      ? [
          `POLICY_PACK_CONFIGS must name one file for each entry of POLICY_PACKS, in the same order: it has ${configs.length}, POLICY_PACKS has ${packs.length}`,
        ]
      : [];
  return [
    ...count,
    ...packs
      .filter((path) => !existsSync(join(resolve(path), PROJECT_FILE)))
      .map((path) => `POLICY_PACKS: ${path} is not a policy pack folder: it has no ${PROJECT_FILE}`),
    ...configs
      .filter((path) => !existsSync(resolve(path)))
      .map((path) => `POLICY_PACK_CONFIGS: the file ${path} does not exist`),
  ];
}
