/** The settings file of the roll-out: which accounts there are, and what they have in common. */
import { readFile } from 'node:fs/promises';
import Joi from 'joi';
import { SETTINGS } from '../../infra/environment/settings.ts';

export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

/** One account of one environment: one stack. */
export interface Target {
  environment: EnvironmentName;
  accountId: string;
  region: string;
  /** `<environment>.<account>.<region>` */
  stack: string;
  /** Configuration of the program, without its namespace. */
  config: Record<string, string | string[]>;
}

/** Everything that is wrong with a settings file, one line each. */
export class SettingsInvalid extends Error {
  constructor(file: string, problems: readonly string[]) {
    super(`${file} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'SettingsInvalid';
  }
}

interface SettingsFile {
  taskRoleArn: string;
  externalId: string;
  assetsBucket: string;
  pipelinePrefix: string;
  dataBuckets?: string[];
  dataKeyArns?: string[];
  bootstrapRole: string;
  environments: Partial<Record<EnvironmentName, { region: string; accounts: string[] }>>;
}

const { taskRoleArn, externalId, assetsBucket, pipelinePrefix, dataBuckets, dataKeyArns, accountId, region } = SETTINGS;

const schema = Joi.object<SettingsFile>({
  taskRoleArn,
  externalId,
  assetsBucket,
  pipelinePrefix,
  dataBuckets,
  dataKeyArns,
  // The role that AWS Organizations makes in the accounts that it makes.
  bootstrapRole: Joi.string()
    .pattern(/^[\w+=,.@/-]{1,512}$/, 'name of a role, or empty for the current credentials')
    .allow('')
    .default('OrganizationAccountAccessRole'),
  environments: Joi.object(
    Object.fromEntries(
      ENVIRONMENTS.map((name) => [
        name,
        Joi.object({ region, accounts: Joi.array().items(accountId.optional()).min(1).unique().required() }),
      ]),
    ),
  )
    .min(1)
    .required(),
});

/**
 * @param names of the environments that are wanted; none: all that the file has
 * @returns one target an account, in the order of promotion
 * @throws SettingsInvalid with every problem at once
 */
export async function readTargets(file: string, names: readonly EnvironmentName[]): Promise<Target[]> {
  const { value, error } = schema.validate(await readJson(file), {
    abortEarly: false,
    errors: { wrap: { label: false } },
  });
  if (error)
    throw new SettingsInvalid(
      file,
      error.details.map(({ message }) => message),
    );
  const { environments, bootstrapRole, ...common } = value as SettingsFile;
  const absent = names.filter((name) => !environments[name]);
  if (absent.length > 0) {
    throw new SettingsInvalid(
      file,
      absent.map((name) => `environments.${name} is asked for and is not there`),
    );
  }
  const partition = common.taskRoleArn.split(':')[1] ?? 'aws';
  return ENVIRONMENTS.filter((name) => names.length === 0 || names.includes(name)).flatMap((environment) => {
    const place = environments[environment];
    return (place?.accounts ?? []).map((account) => ({
      environment,
      accountId: account,
      region: place?.region ?? '',
      stack: `${environment}.${account}.${place?.region ?? ''}`,
      config: {
        ...common,
        environment,
        accountId: account,
        ...(bootstrapRole ? { bootstrapRoleArn: `arn:${partition}:iam::${account}:role/${bootstrapRole}` } : {}),
      },
    }));
  });
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SettingsInvalid(file, [`it cannot be read: ${String(cause)}; docs/environments.md shows one`]);
  });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SettingsInvalid(file, [`it is no JSON: ${String(cause)}`]);
  }
}
