/**
 * The only reader of environment variables: turns them into one typed, validated, frozen object, or refuses to start
 * with every problem listed. Others receive the slice that they need.
 */
import { availableParallelism, cpus, totalmem } from 'node:os';
import { validateCrontab } from '@dbos-inc/dbos-sdk/internal/scheduler/crontab';
import Joi from 'joi';
import type { ApprovalPolicy, Environment } from './environments.ts';
import {
  approvalPoliciesOf,
  environmentFaults,
  environmentKeys,
  environmentsOf,
  region,
} from './environment-settings.ts';
import type { EngineSettings } from '../engine/engine.ts';
import { OrchestratorError } from '../errors.ts';
import { DEFAULT_TAKE_OVER_SECONDS, MINIMUM_TAKE_OVER_SECONDS } from '../platform/lease-times.ts';
import type { ContainerAccess } from '../../blueprints/blueprint.ts';
import { customBlueprintSources } from './process-environment.ts';
import { containerAccessOf, containerKeys } from './container-settings.ts';
import { misspelledSettings } from './misspelled-settings.ts';
import { policyFaults, policyKeys, policyPacksOf } from './policy-settings.ts';
import { peopleKeys, rolePatternsOf, trustedSessionsOf } from './people-settings.ts';
import type { RolePatterns } from './caller-roles.ts';
import type { SourceSettings } from './source-settings.ts';
import { sourceFaults, sourceKeys, sourceSettingsOf, withoutCredentials } from './source-settings.ts';
import type { SignIn } from './sign-in-settings.ts';
import { signInFaults, signInKeys, signInOf } from './sign-in-settings.ts';

/**
 * The role of a process of the service: `api` serves HTTP and leaves the work to others, `worker` does the work and serves
 * only probes, `all` does both.
 */
export type ServiceRole = 'all' | 'api' | 'worker';

export interface Config {
  readonly role: ServiceRole;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Shared secret of the gateway, or two, separated by a comma; empty on loopback. */
    readonly gatewaySecret: string;
    /** Requests per minute and caller; 0 = no limit. */
    readonly rateLimitPerMinute: number;
    /** Public URL of the API, for links in notifications and statuses; empty: links are paths. */
    readonly publicUrl: string;
  };
  /** Who may do what. */
  readonly roles: RolePatterns;
  /** People who sign in at a load balancer with OpenID Connect; undefined: only signed requests. */
  readonly signIn: SignIn | undefined;
  readonly database: {
    readonly url: string;
    /** How long to wait for the database at start before giving up. */
    readonly waitSeconds: number;
  };
  readonly engine: EngineSettings;
  readonly blueprints: {
    readonly pipelinePrefix: string;
    readonly useModelRegistry: boolean;
    /** Packages that are `PendingManualApproval` or `Rejected` may be deployed. */
    readonly allowUnapprovedModelPackages: boolean;
    readonly multiAccount: boolean;
    readonly allowDetailedErrorMessage: boolean;
    readonly notificationsTopicArn: string;
    /** What containers of models and jobs may touch besides what requests name. */
    readonly containers: ContainerAccess;
    /** Folders and packages of custom blueprints, as the setting names them. */
    readonly custom: readonly string[];
  };
  readonly environments: Readonly<Partial<Record<Environment['name'], Environment>>>;
  /** `DELEGATED_ADMIN_ACCOUNT`: the service runs in the organization's delegated administrator account, not in the management account. */
  readonly delegatedAdminAccount: boolean;
  readonly approvals: {
    readonly policies: Readonly<Record<Environment['name'], ApprovalPolicy>>;
    /** An approval request without a decision expires after this long. */
    readonly expirySeconds: number;
    /** Patterns of the roles whose session names distinguish people. */
    readonly trustedSessions: readonly string[];
  };
  readonly operations: {
    /** Concurrent stack operations in this process. */
    readonly concurrency: number;
    /** Concurrent previews and histories in this process, in addition to the operations. */
    readonly previewConcurrency: number;
    /** Children kept ready, with Pulumi already imported. */
    readonly warmChildren: number;
    /** Niceness of the children, in addition to the service's own: 0 to 19. */
    readonly niceness: number;
    /** An operation that takes longer is cancelled, then killed. */
    readonly timeoutSeconds: number;
    /** An operation without an engine event for this long is considered hanging. */
    readonly silenceSeconds: number;
    /** A worker whose heartbeats are not seen for this long is taken over; it ends its own operations well before. */
    readonly takeOverSeconds: number;
  };
  readonly modelCards: {
    /** Whether the model card of a pipeline is saved after each of its deployments. */
    readonly keep: boolean;
  };
  readonly drift: {
    /** When every deployed environment is checked for drift: a cron expression in UTC; empty: only on request. */
    readonly schedule: string;
  };
  /** Configuration as data: repositories, buckets and how changes to them are detected. */
  readonly sources: SourceSettings;
  readonly log: { readonly level: string };
}

/** A child that waits for its operation: see docs/architecture.md. */
const BYTES_PER_CHILD = 140 * 1024 * 1024;
/** What one child process with a real provider and the CLI takes at most, by measurement elsewhere: see docs/architecture.md. */
const BYTES_PER_OPERATION = 600 * 1024 * 1024;

const yesNo = (fallback: 'Yes' | 'No') => Joi.string().valid('Yes', 'No').default(fallback);
const seconds = (fallback: number) => Joi.number().integer().min(1).max(86_400).default(fallback);

/** Uses the parser that will run the schedule. */
function cron(expression: string, helpers: Joi.CustomHelpers): string | Joi.ErrorReport {
  try {
    validateCrontab(expression);
    return expression;
  } catch (error) {
    return helpers.error('cron.invalid', { reason: (error as Error).message });
  }
}

const KEYS: Joi.SchemaMap = {
  SERVICE_ROLE: Joi.string().valid('all', 'api', 'worker').default('all'),
  DATABASE_URL: Joi.string()
    .uri({ scheme: ['postgres', 'postgresql'] })
    .custom((value: string, helpers) =>
      URL.canParse(value) ? value : helpers.message({ custom: '{{#label}} is no URL of a database' }),
    )
    .required()
    .description('PostgreSQL, such as postgresql://user:password@host:5432/mlops'),
  DATABASE_WAIT_SECONDS: seconds(60),
  HOST: Joi.string().default('127.0.0.1'),
  PORT: Joi.number().port().default(8080),
  RATE_LIMIT_PER_MINUTE: Joi.number().integer().min(0).default(600),
  PULUMI_ENGINE: Joi.string().valid('cli').default('cli').messages({
    'any.only': '{{#label}} must be "cli" here; for the sandbox engine start the service with "npm run sandbox"',
  }),
  PULUMI_BACKEND_URL: Joi.string().uri().description('Empty: Pulumi Cloud'),
  PULUMI_ACCESS_TOKEN: Joi.string(),
  PULUMI_CONFIG_PASSPHRASE: Joi.string().allow(''),
  PULUMI_CONFIG_PASSPHRASE_FILE: Joi.string(),
  PUBLIC_URL: Joi.string()
    .uri({ scheme: ['http', 'https'] })
    .custom(withoutCredentials),
  AWS_REGION: region.required(),
  ASSETS_BUCKET: Joi.string()
    .pattern(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'an S3 bucket name')
    .required(),
  ...environmentKeys,
  ...peopleKeys,
  ...signInKeys,
  MULTI_ACCOUNT: yesNo('No'),
  USE_MODEL_REGISTRY: yesNo('No'),
  ALLOW_UNAPPROVED_MODEL_PACKAGES: yesNo('No'),
  ...containerKeys,
  ALLOW_DETAILED_ERROR_MESSAGE: yesNo('Yes'),
  MODEL_CARDS: yesNo('No'),
  CUSTOM_BLUEPRINTS: Joi.string(),
  ...policyKeys,
  PIPELINE_STACK_NAME: Joi.string()
    .pattern(/^[a-z][a-z0-9-]{0,19}$/, 'lower case letters, digits and hyphens, at most 20')
    .default('mlops-pipeline'),
  WORKER_CONCURRENCY: Joi.number().integer().min(1).max(100),
  PREVIEW_CONCURRENCY: Joi.number().integer().min(1).max(100),
  WARM_CHILDREN: Joi.number().integer().min(0).max(20),
  OPERATION_NICENESS: Joi.number().integer().min(0).max(19).default(19),
  OPERATION_TIMEOUT_SECONDS: seconds(7_200),
  OPERATION_SILENCE_SECONDS: seconds(3_900).description('Longer than SageMaker takes for an endpoint (60 minutes)'),
  WORKER_TAKE_OVER_SECONDS: Joi.number()
    .integer()
    .min(MINIMUM_TAKE_OVER_SECONDS)
    .max(600)
    .default(DEFAULT_TAKE_OVER_SECONDS),
  DRIFT_SCHEDULE: Joi.string().custom(cron).messages({
    'cron.invalid':
      '{{#label}} must be a cron expression in UTC, such as "0 3 * * *" (every night at 3) or "@hourly": {{#reason}}',
  }),
  ...sourceKeys,
  LOG_LEVEL: Joi.string().valid('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
};

const schema = Joi.object(KEYS)
  .custom((value: Record<string, string>, helpers) => {
    if (!value.PULUMI_BACKEND_URL && !value.PULUMI_ACCESS_TOKEN) {
      return helpers.message({
        custom: 'either PULUMI_ACCESS_TOKEN (Pulumi Cloud) or PULUMI_BACKEND_URL (s3://…, file://…) is required',
      });
    }
    if (
      value.PULUMI_BACKEND_URL &&
      value.PULUMI_CONFIG_PASSPHRASE === undefined &&
      !value.PULUMI_CONFIG_PASSPHRASE_FILE
    ) {
      return helpers.message({
        custom:
          'PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE is required with PULUMI_BACKEND_URL: secrets in the state are encrypted with it',
      });
    }
    return value;
  })
  .prefs({
    abortEarly: false,
    allowUnknown: true,
    errors: { wrap: { label: false } },
    // Joi's own texts quote the value, which may be a secret.
    messages: {
      'string.pattern.base': '{{#label}} does not have the required form',
      'string.pattern.name': '{{#label}} must be {{#name}}',
    },
  });

/** The engine, if it is not the CLI: the sandbox provides its own module. */
export interface EngineChoice {
  kind: EngineSettings['kind'];
  module: string;
  /** Of an installation of the CLI; default: the `pulumi` on the PATH. */
  root?: string;
  options?: Record<string, string>;
}

export const CLI_ENGINE: EngineChoice = { kind: 'cli', module: new URL('../engine/cli.ts', import.meta.url).href };

/** The names of all settings of the service. */
export const SETTINGS: readonly string[] = Object.keys(KEYS);

/**
 * Reads the configuration.
 * @param env usually `process.env`
 * @param engine another engine than the CLI, composed by the caller
 * @throws OrchestratorError `CONFIG_INVALID` with every problem, one a line.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, engine: EngineChoice = CLI_ENGINE): Config {
  // In a .env file or a task definition an empty variable means "not set".
  const given = Object.fromEntries(
    Object.entries(env).filter(([key, value]) => value !== '' || key === 'PULUMI_CONFIG_PASSPHRASE'),
  );
  const { value, error } = schema.validate(given);
  const faults = [
    ...misspelledSettings(env, SETTINGS),
    ...(error?.details.map((detail) => detail.message) ?? []),
    ...environmentFaults(value ?? {}),
    ...sourceFaults(value ?? {}),
    ...policyFaults(value ?? {}, engine.kind),
    ...signInFaults(value ?? {}),
  ];
  if (faults.length > 0) {
    const problems = faults.map((fault) => `  - ${fault}`).join('\n');
    throw new OrchestratorError('CONFIG_INVALID', `The service cannot start with these settings:\n${problems}`);
  }
  const policyPacks = policyPacksOf(value);
  const concurrency = value.WORKER_CONCURRENCY ?? defaultConcurrency();
  return deepFreeze({
    role: value.SERVICE_ROLE,
    http: {
      host: value.HOST,
      port: value.PORT,
      gatewaySecret: value.GATEWAY_SECRET ?? '',
      rateLimitPerMinute: value.RATE_LIMIT_PER_MINUTE,
      publicUrl: (value.PUBLIC_URL ?? '').replace(/\/+$/, ''),
    },
    roles: rolePatternsOf(value),
    signIn: signInOf(value),
    database: { url: value.DATABASE_URL, waitSeconds: value.DATABASE_WAIT_SECONDS },
    engine: {
      kind: engine.kind,
      module: engine.module,
      ...(engine.root === undefined ? {} : { root: engine.root }),
      ...(value.PULUMI_BACKEND_URL ? { backendUrl: value.PULUMI_BACKEND_URL } : {}),
      ...(policyPacks.length > 0 ? { policyPacks } : {}),
      options: engine.options ?? {},
    },
    blueprints: {
      pipelinePrefix: value.PIPELINE_STACK_NAME,
      useModelRegistry: value.USE_MODEL_REGISTRY === 'Yes',
      allowUnapprovedModelPackages: value.ALLOW_UNAPPROVED_MODEL_PACKAGES === 'Yes',
      multiAccount: value.MULTI_ACCOUNT === 'Yes',
      allowDetailedErrorMessage: value.ALLOW_DETAILED_ERROR_MESSAGE === 'Yes',
      notificationsTopicArn: value.NOTIFICATIONS_TOPIC_ARN ?? '',
      containers: containerAccessOf(value),
      custom: customBlueprintSources(value),
    },
    environments: environmentsOf(value),
    delegatedAdminAccount: value.DELEGATED_ADMIN_ACCOUNT === 'Yes',
    approvals: {
      policies: approvalPoliciesOf(value),
      expirySeconds: value.APPROVAL_EXPIRY_SECONDS,
      trustedSessions: trustedSessionsOf(value),
    },
    operations: {
      concurrency,
      previewConcurrency: value.PREVIEW_CONCURRENCY ?? Math.max(1, Math.floor(concurrency / 2)),
      warmChildren: value.WARM_CHILDREN ?? defaultWarmChildren(),
      niceness: value.OPERATION_NICENESS,
      timeoutSeconds: value.OPERATION_TIMEOUT_SECONDS,
      silenceSeconds: value.OPERATION_SILENCE_SECONDS,
      takeOverSeconds: value.WORKER_TAKE_OVER_SECONDS,
    },
    modelCards: { keep: value.MODEL_CARDS === 'Yes' },
    drift: { schedule: value.DRIFT_SCHEDULE ?? '' },
    sources: sourceSettingsOf(value),
    log: { level: value.LOG_LEVEL },
  });
}

/** Half the memory for operations, and no more of them than the processors can keep moving: most of an operation is waiting. */
function defaultConcurrency(): number {
  return Math.max(1, Math.min(4 * cpus().length, Math.floor(totalmem() / 2 / BYTES_PER_OPERATION)));
}

/** A twentieth of the memory that is free, and no more than can start at the same time. */
function defaultWarmChildren(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(process.availableMemory() / 20 / BYTES_PER_CHILD)));
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}
