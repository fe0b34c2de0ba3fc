/**
 * The launch parameters: what `pulumi config set` accepts for the orchestrator's own program. Read once; errors list every
 * problem at once. The same keys with type and default are declared in Pulumi.yaml, for the CLI and for readers.
 * @see docs/deploy.md
 */
import type { ValidationError } from 'joi';
import { didYouMean } from '../blueprints/request/suggestion.ts';
import { KEYS, SECRET_KEYS, schema } from './config-schema.ts';
import type { SignInSettings } from './sign-in-schema.ts';
import { signInProblems } from './sign-in-schema.ts';

/** The environments of the multi-account option, in the order of promotion. */
export const ENVIRONMENTS = ['dev', 'staging', 'prod'] as const;
export type EnvironmentName = (typeof ENVIRONMENTS)[number];

export interface AccountSettings {
  readonly accountId: string;
  readonly orgId: string;
  /** Empty: the orchestrator's. */
  readonly region: string;
}

export interface Settings {
  readonly notificationEmail: string;
  /** Address of a CodeCommit repository with `mlops-config.json`; empty: none. */
  readonly repositoryAddress: string;
  readonly repositoryBranch: string;
  /** Empty: one is created. */
  readonly existingS3Bucket: string;
  /** Empty: one is created. */
  readonly existingECRRepository: string;
  readonly useModelRegistry: boolean;
  readonly createModelRegistry: boolean;
  readonly allowDetailedErrorMessage: boolean;
  readonly delegatedAdminAccount: boolean;
  /** Accounts of the environments; undefined in the single-account option. */
  readonly accounts: Readonly<Record<EnvironmentName, AccountSettings>> | undefined;

  /** Prefix of pipeline ids, and of the names of pipelines' resources. */
  readonly pipelinePrefix: string;
  /** A ready image of the service; empty: built from the Dockerfile, which needs a Docker engine. */
  readonly imageUri: string;
  readonly network:
    | { readonly kind: 'new'; readonly cidr: string; readonly natGateways: 'Single' | 'OnePerAz' }
    | { readonly kind: 'existing'; readonly vpcId: string; readonly privateSubnetIds: readonly string[] };
  readonly database: {
    /** Aurora capacity units: about 2 GB of memory each. */
    readonly minCapacity: number;
    readonly maxCapacity: number;
    /** Whether there is a standby instance in another zone. */
    readonly multiAz: boolean;
    readonly deletionProtection: boolean;
    readonly finalSnapshot: boolean;
    readonly backupDays: number;
  };
  readonly tasks: { readonly api: TaskRange; readonly worker: TaskRange };
  /** For TLS between gateway and load balancer; empty: plain HTTP inside the VPC. */
  readonly certificate: { readonly arn: string; readonly domain: string } | undefined;
  /** Sign-in of people with a browser; undefined: the API takes signed requests only. */
  readonly signIn: SignInSettings | undefined;
  readonly logRetentionDays: number;
  /** ARN patterns per role of the service; empty lists: every caller that IAM admits may do everything. */
  readonly callers: Readonly<Record<'viewer' | 'provisioner' | 'approver' | 'admin', readonly string[]>>;
  /** Further settings of the service, by variable. */
  readonly serviceSettings: Readonly<Record<string, string>>;
  /** Further settings that are secret: ARNs of Secrets Manager secrets, by variable. */
  readonly serviceSecrets: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface TaskRange {
  readonly min: number;
  readonly max: number;
}

/** Every problem of the configuration, one per line. */
export class ConfigInvalid extends Error {
  readonly problems: readonly string[];

  constructor(project: string, problems: readonly string[]) {
    const lines = problems.map((problem) => `  - ${problem}`).join('\n');
    super(
      `The orchestrator cannot be deployed with this configuration:\n${lines}\nSet a key with: pulumi config set ${project}:<key> <value>`,
    );
    this.name = 'ConfigInvalid';
    this.problems = problems;
  }
}

/**
 * @param given configuration values by key, as text; lists and objects as JSON
 * @param project in the message
 * @throws ConfigInvalid naming every problem with its key
 */
export function parseSettings(given: Readonly<Record<string, string>>, project: string): Settings {
  const unknown = Object.keys(given).filter((key) => !KEYS.includes(key));
  const problems = unknown.map((key) => `${key} is not a key of this program${didYouMean(key, KEYS)}`);
  const values = Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => !unknown.includes(key) && !(SECRET_KEYS as readonly string[]).includes(key))
      .map(([key, text]) => [key, structured(text)]),
  );
  const { value, error } = schema.validate(values) as { value: Values; error?: ValidationError };
  problems.push(...(error?.details.map((detail) => detail.message) ?? []));
  if (!error) {
    const isExistingVpc = value.vpcId !== '';
    problems.push(...signInProblems(value.signIn, { hasSecret: Boolean(given.signInClientSecret), isExistingVpc }));
  }
  if (problems.length > 0) throw new ConfigInvalid(project, problems);
  return settingsOf(value);
}

/**
 * What must be in the orchestrator's region: EventBridge delivers events of a repository in the repository's region only, and
 * a load balancer has separate certificates.
 * @returns the problems, one line each
 * @see https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 * @see https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html
 */
export function regionProblems(
  settings: Pick<Settings, 'repositoryAddress' | 'certificate' | 'signIn'>,
  region: string,
): string[] {
  const named = {
    repositoryAddress: /git-codecommit\.([a-z0-9-]+)\./.exec(settings.repositoryAddress)?.[1],
    certificateArn: settings.certificate?.arn.split(':')[3],
    'signIn.certificateArn': settings.signIn?.certificateArn.split(':')[3],
  };
  return Object.entries(named).flatMap(([key, other]) =>
    other === undefined || other === region
      ? []
      : [`${key} is in ${other}, the orchestrator in ${region} (aws:region): use one in ${region}`],
  );
}

/** Lists and objects are JSON text; anything else is the value itself. */
function structured(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface Values extends Omit<Settings, 'accounts' | 'network' | 'database' | 'tasks' | 'certificate' | 'callers'> {
  multiAccount: boolean;
  devOrgId: string;
  devAccountId: string;
  devRegion: string;
  stagingOrgId: string;
  stagingAccountId: string;
  stagingRegion: string;
  prodOrgId: string;
  prodAccountId: string;
  prodRegion: string;
  vpcId: string;
  privateSubnetIds: string[];
  vpcCidr: string;
  natGateways: 'Single' | 'OnePerAz';
  databaseMinCapacity: number;
  databaseMaxCapacity: number;
  databaseMultiAz: boolean;
  databaseDeletionProtection: boolean;
  databaseFinalSnapshot: boolean;
  databaseBackupDays: number;
  apiMinTasks: number;
  apiMaxTasks: number;
  workerMinTasks: number;
  workerMaxTasks: number;
  certificateArn: string;
  certificateDomain: string;
  viewerArns: string[];
  provisionerArns: string[];
  approverArns: string[];
  adminArns: string[];
}

function settingsOf(value: Values): Settings {
  return {
    notificationEmail: value.notificationEmail,
    repositoryAddress: value.repositoryAddress,
    repositoryBranch: value.repositoryBranch,
    existingS3Bucket: value.existingS3Bucket,
    existingECRRepository: value.existingECRRepository,
    useModelRegistry: value.useModelRegistry,
    createModelRegistry: value.createModelRegistry,
    allowDetailedErrorMessage: value.allowDetailedErrorMessage,
    delegatedAdminAccount: value.delegatedAdminAccount,
    accounts: value.multiAccount
      ? {
          dev: { accountId: value.devAccountId, orgId: value.devOrgId, region: value.devRegion },
          staging: { accountId: value.stagingAccountId, orgId: value.stagingOrgId, region: value.stagingRegion },
          prod: { accountId: value.prodAccountId, orgId: value.prodOrgId, region: value.prodRegion },
        }
      : undefined,
    pipelinePrefix: value.pipelinePrefix,
    imageUri: value.imageUri,
    network: value.vpcId
      ? { kind: 'existing', vpcId: value.vpcId, privateSubnetIds: value.privateSubnetIds }
      : { kind: 'new', cidr: value.vpcCidr, natGateways: value.natGateways },
    database: {
      minCapacity: value.databaseMinCapacity,
      maxCapacity: value.databaseMaxCapacity,
      multiAz: value.databaseMultiAz,
      deletionProtection: value.databaseDeletionProtection,
      finalSnapshot: value.databaseFinalSnapshot,
      backupDays: value.databaseBackupDays,
    },
    tasks: {
      api: { min: value.apiMinTasks, max: value.apiMaxTasks },
      worker: { min: value.workerMinTasks, max: value.workerMaxTasks },
    },
    certificate: value.certificateArn ? { arn: value.certificateArn, domain: value.certificateDomain } : undefined,
    signIn: value.signIn,
    logRetentionDays: value.logRetentionDays,
    callers: {
      viewer: value.viewerArns,
      provisioner: value.provisionerArns,
      approver: value.approverArns,
      admin: value.adminArns,
    },
    serviceSettings: Object.fromEntries(
      Object.entries(value.serviceSettings).map(([key, text]) => [key, String(text)]),
    ),
    serviceSecrets: value.serviceSecrets,
    tags: value.tags,
  };
}
