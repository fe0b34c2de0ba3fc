/**
 * The permissions boundary of the deployment role itself. It is there because the fence role may write inline policies on the
 * deployment role: within this boundary, such a policy can deny permissions, but grant none that matter.
 * @see docs/leases.md
 */
import type { PolicyDocument, Statement } from '../../blueprints/shared/aws/policies.ts';
import { policy } from '../../blueprints/shared/aws/policies.ts';
import { deploymentPermissions } from './permissions.ts';
import type { Scope } from './scope.ts';

/**
 * Subjects whose statements are repeated exactly: with more of IAM, code or builds, a principal could act with the permissions
 * of another role, and with more of S3 or KMS it could read data.
 */
const EXACT_SUBJECTS: readonly string[] = ['roles', 'functions', 'rules', 'builds'];
const EXACT_SERVICES: readonly string[] = ['iam', 'kms', 'lambda', 's3'];

/**
 * The other actions, without the resources that the role's own policies bind them to: all policies of the role together are
 * twice as long as a boundary may be. Patterns are for the same reason; tests/environments/ceiling.spec.ts lists what they add.
 */
const PATTERNS: Record<string, readonly string[]> = {
  apigateway: ['DELETE', 'GET', 'PATCH', 'POST', 'PUT'],
  'application-autoscaling': ['*'],
  cloudformation: [
    'CreateResource',
    'DeleteResource',
    'GetResource',
    'UpdateResource',
    '*ResourceRequest*',
    'DescribeType',
  ],
  cloudwatch: [
    'ListTagsForResource',
    'UntagResource',
    'DeleteAlarms',
    'DescribeAlarms',
    'PutMetricAlarm',
    'TagResource',
  ],
  ecr: ['DescribeImages'],
  logs: ['*LogDeliver*', 'DescribeResourcePolicies', 'PutResourcePolicy'],
  sagemaker: [
    '*Endpoint',
    '*EndpointConfig',
    '*JobDefinition',
    '*ModelCard',
    'CreateModel',
    'CreateModelCardExportJob',
    'DeleteModel',
    'DescribeModel*',
    'ListModelCard*',
    '*MonitoringSchedule*',
    '*Tags',
    'Describe*Job',
    'DescribeAutoMLJobV2',
    'List*Jobs',
    'ListMonitoringExecutions',
    'Search',
    'UpdateEndpointWeights*',
  ],
  servicequotas: ['List*ServiceQuotas'],
};

/** Without denials: those of the role's own policies apply whatever else is allowed. */
export function ceiling(scope: Scope): PolicyDocument {
  const allowed = Object.entries(deploymentPermissions(scope)).flatMap(([subject, statements]) =>
    statements.filter(({ Effect }) => Effect === 'Allow').map((statement) => ({ subject, statement })),
  );
  const exact = allowed.filter((one) => EXACT_SUBJECTS.includes(one.subject) || isExact(one.statement));
  const others = allowed.filter((one) => !exact.includes(one));
  const services = new Set(others.flatMap(({ statement }) => [statement.Action].flat().map(serviceOf)));
  return policy(...exact.map(({ statement }) => shortened(statement)), {
    Effect: 'Allow',
    Action: [...services].sort().flatMap((service) => patternsOf(service).map((name) => `${service}:${name}`)),
    Resource: '*',
  });
}

const serviceOf = (action: string): string => action.slice(0, action.indexOf(':'));

function isExact({ Action }: Statement): boolean {
  return [Action].flat().some((action) => EXACT_SERVICES.includes(serviceOf(action)));
}

/** Ids of statements count towards the length of a policy. So do the eighteen settings of a bucket that the provider reads. */
function shortened({ Sid: _, ...statement }: Statement): Statement {
  const actions = [statement.Action].flat();
  if (!actions.includes('s3:CreateBucket')) return statement;
  return { ...statement, Action: [...actions.filter((action) => !action.startsWith('s3:Get')), 's3:Get*'] };
}

function patternsOf(service: string): readonly string[] {
  const patterns = PATTERNS[service];
  if (!patterns)
    throw new Error(`Deployment roles may use ${service}: add its actions to the patterns of their boundary`);
  return patterns;
}
