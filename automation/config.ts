/**
 * The only reader of environment variables: turns them into one typed, validated, frozen object, or refuses to start
 * with every problem listed. Others receive the slice that they need.
 */
import { cpus, totalmem } from 'node:os';
import Joi from 'joi';
import type { Environment } from './environments.ts';
import type { EngineSettings } from './engine/engine.ts';
import { OrchestratorError } from './errors.ts';

/**
 * What a process of the service does: `api` answers HTTP and leaves the work to others, `worker` does the work and answers
 * probes alone, `all` does both.
 */
export type ServiceRole = 'all' | 'api' | 'worker';

export interface Config {
  readonly role: ServiceRole;
  readonly http: {
    readonly host: string;
    readonly port: number;
    /** Shared secret of the gateway in front; empty on loopback. */
    readonly gatewaySecret: string;
    /** Requests per minute and caller; 0 = no limit. */
    readonly rateLimitPerMinute: number;
  };
  readonly database: {
    readonly url: string;
    /** How long to wait for the database at start before giving up. */
    readonly waitSeconds: number;
  };
  readonly engine: EngineSettings;
  readonly blueprints: {
    readonly pipelinePrefix: string;
    readonly useModelRegistry: boolean;
    readonly multiAccount: boolean;
    readonly allowDetailedErrorMessage: boolean;
    readonly permissionsBoundaryArn: string;
    readonly notificationsTopicArn: string;
  };
  readonly environments: Readonly<Partial<Record<Environment['name'], Environment>>>;
  readonly operations: {
    /** Stack operations at once in this process. */
    readonly concurrency: number;
    /** Children kept ready, with Pulumi already imported. */
    readonly warmChildren: number;
    /** An operation that takes longer is cancelled, then killed. */
    readonly timeoutSeconds: number;
    /** An operation without an engine event for this long is held to hang. */
    readonly silenceSeconds: number;
  };
  readonly log: { readonly level: string };
}

/** What one child process with a real provider and the CLI takes at most, by measurement elsewhere: see docs/architecture.md. */
const BYTES_PER_OPERATION = 600 * 1024 * 1024;

const yesNo = (fallback: 'Yes' | 'No') => Joi.string().valid('Yes', 'No').default(fallback);
const seconds = (fallback: number) => Joi.number().integer().min(1).max(86_400).default(fallback);
const accountId = Joi.string().pattern(/^\d{12}$/, '12 digits');

const schema = Joi.object({
  SERVICE_ROLE: Joi.string().valid('all', 'api', 'worker').default('all'),
  DATABASE_URL: Joi.string()
    .uri({ scheme: ['postgres', 'postgresql'] })
    .required()
    .description('PostgreSQL, such as postgresql://user:password@host:5432/mlops'),
  DATABASE_WAIT_SECONDS: seconds(60),
  HOST: Joi.string().default('127.0.0.1'),
  PORT: Joi.number().port().default(8080),
  GATEWAY_SECRET: Joi.string()
    .min(16)
    .when('HOST', {
      is: Joi.valid('127.0.0.1', 'localhost', '::1'),
      then: Joi.optional(),
      otherwise: Joi.required().messages({
        'any.required':
          '{{#label}} is required when HOST is not a loopback address: callers must come through the gateway',
      }),
    }),
  RATE_LIMIT_PER_MINUTE: Joi.number().integer().min(0).default(600),
  PULUMI_ENGINE: Joi.string().valid('cli').default('cli').messages({
    'any.only': '{{#label}} must be "cli" here; for the sandbox engine start the service with "npm run sandbox"',
  }),
  PULUMI_BACKEND_URL: Joi.string().uri().description('Empty: Pulumi Cloud'),
  PULUMI_ACCESS_TOKEN: Joi.string(),
  PULUMI_CONFIG_PASSPHRASE: Joi.string().allow(''),
  PULUMI_CONFIG_PASSPHRASE_FILE: Joi.string(),
  AWS_REGION: Joi.string()
    .pattern(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1')
    .required(),
  ASSETS_BUCKET: Joi.string()
    .pattern(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'an S3 bucket name')
    .required(),
  ACCOUNT_ID: accountId,
  DEPLOYMENT_ROLE_ARN: Joi.string().pattern(/^arn:[a-z-]+:iam::\d{12}:role\/.+$/, 'a role ARN'),
  MULTI_ACCOUNT: yesNo('No'),
  USE_MODEL_REGISTRY: yesNo('No'),
  ALLOW_DETAILED_ERROR_MESSAGE: yesNo('Yes'),
  PERMISSIONS_BOUNDARY_ARN: Joi.string().pattern(/^arn:[a-z-]+:iam::\d{12}:policy\/.+$/, 'a policy ARN'),
  NOTIFICATIONS_TOPIC_ARN: Joi.string().pattern(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'a topic ARN'),
  PIPELINE_STACK_NAME: Joi.string()
    .pattern(/^[a-z][a-z0-9-]{0,19}$/, 'lower case letters, digits and hyphens, at most 20')
    .default('mlops-pipeline'),
  WORKER_CONCURRENCY: Joi.number().integer().min(1).max(100),
  WARM_CHILDREN: Joi.number().integer().min(0).max(20).default(1),
  OPERATION_TIMEOUT_SECONDS: seconds(7_200),
  OPERATION_SILENCE_SECONDS: seconds(3_900).description('Longer than SageMaker takes for an endpoint (60 minutes)'),
  LOG_LEVEL: Joi.string().valid('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent').default('info'),
})
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
  .prefs({ abortEarly: false, allowUnknown: true, errors: { wrap: { label: false } } });

/** Where the engine comes from when it is not the CLI: the sandbox gives its own module. */
export interface EngineChoice {
  kind: EngineSettings['kind'];
  module: string;
  options?: Record<string, string>;
}

const CLI_ENGINE: EngineChoice = { kind: 'cli', module: new URL('./engine/cli.ts', import.meta.url).href };

/**
 * Reads the configuration.
 * @param env usually `process.env`
 * @param engine another engine than the CLI, composed by the caller
 * @throws OrchestratorError `CONFIG_INVALID` with every problem, one a line.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, engine: EngineChoice = CLI_ENGINE): Config {
  // An empty variable means "not set" to whoever writes a .env or a task definition.
  const given = Object.fromEntries(
    Object.entries(env).filter(([key, value]) => value !== '' || key === 'PULUMI_CONFIG_PASSPHRASE'),
  );
  const { value, error } = schema.validate(given);
  if (error) {
    const problems = error.details.map((detail) => `  - ${detail.message}`).join('\n');
    throw new OrchestratorError('CONFIG_INVALID', `The service cannot start with these settings:\n${problems}`);
  }
  const environment: Environment = {
    name: 'main',
    accountId: value.ACCOUNT_ID ?? '',
    region: value.AWS_REGION,
    deploymentRoleArn: value.DEPLOYMENT_ROLE_ARN ?? '',
    assetsBucket: value.ASSETS_BUCKET,
  };
  return deepFreeze({
    role: value.SERVICE_ROLE,
    http: {
      host: value.HOST,
      port: value.PORT,
      gatewaySecret: value.GATEWAY_SECRET ?? '',
      rateLimitPerMinute: value.RATE_LIMIT_PER_MINUTE,
    },
    database: { url: value.DATABASE_URL, waitSeconds: value.DATABASE_WAIT_SECONDS },
    engine: {
      kind: engine.kind,
      module: engine.module,
      ...(value.PULUMI_BACKEND_URL ? { backendUrl: value.PULUMI_BACKEND_URL } : {}),
      options: engine.options ?? {},
    },
    blueprints: {
      pipelinePrefix: value.PIPELINE_STACK_NAME,
      useModelRegistry: value.USE_MODEL_REGISTRY === 'Yes',
      multiAccount: value.MULTI_ACCOUNT === 'Yes',
      allowDetailedErrorMessage: value.ALLOW_DETAILED_ERROR_MESSAGE === 'Yes',
      permissionsBoundaryArn: value.PERMISSIONS_BOUNDARY_ARN ?? '',
      notificationsTopicArn: value.NOTIFICATIONS_TOPIC_ARN ?? '',
    },
    environments: { main: environment },
    operations: {
      concurrency: value.WORKER_CONCURRENCY ?? defaultConcurrency(),
      warmChildren: value.WARM_CHILDREN,
      timeoutSeconds: value.OPERATION_TIMEOUT_SECONDS,
      silenceSeconds: value.OPERATION_SILENCE_SECONDS,
    },
    log: { level: value.LOG_LEVEL },
  });
}

/** Half the memory for operations, and no more of them than the processors can keep moving: most of an operation is waiting. */
function defaultConcurrency(): number {
  return Math.max(1, Math.min(4 * cpus().length, Math.floor(totalmem() / 2 / BYTES_PER_OPERATION)));
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
}

/** A copy of the process's variables, for processes that are started with them. */
export function environment(): NodeJS.ProcessEnv {
  return { ...process.env };
}
