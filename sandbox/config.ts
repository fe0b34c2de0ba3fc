/**
 * The settings of the sandbox, from environment variables. Read by read-settings.ts where a person has set them, and here by
 * the child of an operation, which has them from its service.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import Joi from 'joi';
import { commaList } from '../automation/config/comma-list.ts';
import { REGION_PATTERN } from '../blueprints/shared/aws/partitions.ts';
import type { Fault } from './aws/faults.ts';
import { parseFaults } from './aws/faults.ts';
import { parsePackages } from './aws/packages.ts';

export interface SandboxAwsSettings {
  /** Where the accounts are kept: `<home>/aws`. */
  readonly directory: string;
  /** Account of a provider that assumes no role. */
  readonly accountId: string;
  /** Region of a provider that names none; empty means that one must be named. */
  readonly region: string;
  /** Accounts in which roles may be assumed. */
  readonly accounts: readonly string[];
  /** External id that the trust policies of deployment roles require. */
  readonly externalId: string;
  /** Resources that preflight checks report as missing, such as `s3://bucket/key`; all others are assumed to exist. */
  readonly missing: readonly string[];
  /** Approval status of model packages by ARN; all others are approved. */
  readonly packages: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
  /** Factor on the time that creating, updating and deleting takes; 0 = no waiting. */
  readonly speed: number;
}

/** `auto`: the real one if a suitable Pulumi CLI is available. */
export type WantedEngine = 'auto' | 'real' | 'simulated';

export interface SandboxSettings {
  /** What runs the stacks. */
  readonly engine: WantedEngine;
  /** Absolute; stacks, accounts and the database live below it. */
  readonly home: string;
  readonly port: number;
  readonly aws: SandboxAwsSettings;
}

/** Everything that is wrong with the sandbox's environment variables, one line each. */
export class SandboxConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The sandbox cannot start, ${problems.length} setting(s) are wrong:\n${problems.map((each) => `  ${each}`).join('\n')}`,
    );
    this.name = 'SandboxConfigError';
    this.problems = problems;
  }
}

const accountId = Joi.string().pattern(/^\d{12}$/, '12 digits');
const region = Joi.string().pattern(REGION_PATTERN, 'an AWS region');

const KEYS: Joi.SchemaMap = {
  SANDBOX_ENGINE: Joi.string().valid('auto', 'real', 'simulated'),
  PULUMI_ENGINE: Joi.string().valid('cli', 'sandbox'),
  SANDBOX_AWS: Joi.when('PULUMI_ENGINE', {
    is: Joi.valid('cli').required(),
    then: Joi.valid('1').required().messages({
      '*': '"PULUMI_ENGINE" is "cli": here this goes with SANDBOX_AWS=1 only; for the real AWS start the service with "npm start"',
    }),
  }),
  SANDBOX_HOME: Joi.string().default('.sandbox'),
  PULUMI_BACKEND_URL: Joi.string().allow('').default(''),
  PORT: Joi.number().port().default(8080),
  SANDBOX_ACCOUNT_ID: accountId.default('111111111111'),
  SANDBOX_ACCOUNTS: Joi.string().allow('').default('111111111111,222222222222,333333333333,444444444444'),
  SANDBOX_EXTERNAL_ID: Joi.string().default(Joi.ref('DEPLOYMENT_EXTERNAL_ID')),
  DEPLOYMENT_EXTERNAL_ID: Joi.string().default('mlops'),
  SANDBOX_MISSING: Joi.string().allow('').default(''),
  SANDBOX_PACKAGES: Joi.string().default('{}'),
  SANDBOX_FAULTS: Joi.string().allow('').default('[]'),
  SANDBOX_SPEED: Joi.number().min(0).max(1000).default(1),
  // Read by the engine itself.
  SANDBOX_KEY_ROUNDS: Joi.number().integer().min(1).max(999_999_999),
  AWS_REGION: region.default('us-east-1'),
};
const schema = Joi.object(KEYS).unknown();

/** The names of all settings of the sandbox. */
export const SANDBOX_SETTINGS: readonly string[] = Object.keys(KEYS);

/** `PULUMI_ENGINE` translated to `SANDBOX_ENGINE`, which takes precedence. */
const ENGINE_OF: Readonly<Record<string, WantedEngine>> = { cli: 'real', sandbox: 'simulated' };

/**
 * @param env the variables; of the process itself only the working directory is used
 * @param further problems of the same variables, for the same error
 * @throws SandboxConfigError listing every problem.
 */
export function sandboxSettingsOf(env: NodeJS.ProcessEnv, further: readonly string[] = []): SandboxSettings {
  // An empty variable counts as not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const { value, error } = schema.validate(given, { abortEarly: false });
  const problems = [...further, ...(error?.details.map((detail) => detail.message) ?? [])];

  const accounts = commaList(value.SANDBOX_ACCOUNTS);
  for (const account of accounts) {
    if (!/^\d{12}$/.test(account)) problems.push(`"SANDBOX_ACCOUNTS": "${account}" is not an account id of 12 digits`);
  }
  const packages = parsePackages(String(value.SANDBOX_PACKAGES));
  problems.push(...packages.problems.map((problem) => `"SANDBOX_PACKAGES" ${problem}`));
  const faults = parseFaults(String(value.SANDBOX_FAULTS));
  problems.push(...faults.problems.map((problem) => `"SANDBOX_FAULTS" ${problem}`));
  if (problems.length > 0) throw new SandboxConfigError(problems);

  const home = homeOf(String(value.SANDBOX_HOME), String(value.PULUMI_BACKEND_URL));
  return Object.freeze({
    engine: (value.SANDBOX_ENGINE ?? ENGINE_OF[value.PULUMI_ENGINE as string] ?? 'auto') as WantedEngine,
    home,
    port: value.PORT as number,
    aws: Object.freeze({
      directory: join(home, 'aws'),
      accountId: value.SANDBOX_ACCOUNT_ID as string,
      region: value.AWS_REGION as string,
      accounts: Object.freeze(accounts),
      externalId: value.SANDBOX_EXTERNAL_ID as string,
      missing: Object.freeze(commaList(value.SANDBOX_MISSING)),
      packages: Object.freeze(packages.packages),
      faults: Object.freeze(faults.faults),
      speed: value.SANDBOX_SPEED as number,
    }),
  });
}

/** The directory of a `file://` back end wins, so that the executable finds the accounts beside the stacks. */
function homeOf(directory: string, backendUrl: string): string {
  if (!backendUrl.startsWith('file://')) return resolve(directory);
  const path = backendUrl.slice('file://'.length).replace(/\?.*$/, '');
  // The Pulumi CLI also accepts `file://~` and paths relative to its working directory, which no URL parser does.
  if (path.startsWith('~')) return join(homedir(), path.slice(1));
  return path.startsWith('/') ? fileURLToPath(`file://${path}`) : resolve(path);
}
