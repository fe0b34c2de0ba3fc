/**
 * Every command that the service sends to AWS with a deployment role, and what it comes to in IAM: what must be allowed, and
 * what must not. Listed here a second time, in addition to the permissions, so that each is checked against the other.
 */
import type { Need } from '../../blueprints/needs.ts';
import { ACCOUNT } from '../../blueprints/testing.ts';
import type { At, DeploymentCall, Sent } from './call-shapes.ts';
import {
  ASSETS,
  DATA,
  NOT_OURS,
  PIPELINE,
  TAGGED,
  arn,
  bucket,
  elsewhere,
  ofStranger,
  onEverything,
  sagemaker,
} from './call-shapes.ts';
import { JOB_CALLS } from './job-calls.ts';
import type { Call } from './simulator.ts';

/** Sent with the fence role of the environment, or as a session that is shut out; without that role the fence is off. */
export const FENCE_CALLS: readonly Sent[] = [
  { file: 'automation/aws/aws-fence.ts', command: 'client-iam PutRolePolicyCommand' },
  { file: 'automation/aws/aws-fence.ts', command: 'client-iam DeleteRolePolicyCommand' },
  { file: 'automation/aws/aws-fence.ts', command: 'client-sagemaker DescribeEndpointCommand' },
];

const PREFLIGHT = ['environments', 'orchestrator'] as const;
const SERVING = ['environments'] as const;

function gateway(...paths: string[]) {
  const calls = (each: string[]) => (at: At) =>
    each.map((path): Call => ['apigateway:GET', arn('apigateway', { ...at, account: '' }, path)]);
  return {
    may: calls(paths),
    mayNot: (at: At) => [
      ...calls(['/restapis/a1b2c3', '/domainnames', '/account'])(at),
      ...calls(paths)(elsewhere(at)),
    ],
  };
}

const listing = (may: string[], mayNot: string[]) => ({
  may: () => may.map((name): Call => ['s3:ListBucket', bucket(name)]),
  mayNot: () => mayNot.map((name): Call => ['s3:ListBucket', bucket(name)]),
});

const ALARMS = {
  // As CloudWatch wants it for composite alarms, and as it is for others.
  may: (at: At): Call[] => [
    ['cloudwatch:DescribeAlarms', '*'],
    ['cloudwatch:DescribeAlarms', arn('cloudwatch', at, 'alarm:mine')],
  ],
  mayNot: () => [],
};

const CARDS = ['orchestrator'] as const;

/** Cards, and the jobs that export them, have the names that people give them. */
const ofCard = (command: string, job = '') => ({
  file: 'automation/aws/aws-model-cards.ts',
  command: `client-sagemaker ${command}Command`,
  placements: CARDS,
  ...sagemaker(command, 'model-card', [`churn${job}`], []),
});

const MODEL_CARD_CALLS: readonly DeploymentCall[] = [
  ofCard('CreateModelCard'),
  ofCard('DescribeModelCard'),
  ofCard('ListModelCardVersions'),
  ofCard('UpdateModelCard'),
  ofCard('DeleteModelCard'),
  ofCard('CreateModelCardExportJob', '/export-job/churn-1'),
  ofCard('DescribeModelCardExportJob', '/export-job/churn-1'),
  {
    file: 'automation/aws/aws-model-cards.ts',
    command: 'client-sagemaker ListModelCardsCommand',
    placements: CARDS,
    ...onEverything('sagemaker:ListModelCards'),
  },
  {
    file: 'automation/aws/aws-model-cards.ts',
    command: 'client-sagemaker SearchCommand',
    placements: CARDS,
    ...onEverything('sagemaker:Search'),
  },
  {
    file: 'automation/aws/aws-model-cards.ts',
    command: 'client-sagemaker DescribeModelCommand',
    placements: CARDS,
    ...sagemaker('DescribeModel', 'model', ['churn'], []),
  },
  {
    file: 'automation/aws/aws-model-cards.ts',
    command: 'client-sagemaker DescribeTrainingJobCommand',
    placements: CARDS,
    ...sagemaker('DescribeTrainingJob', 'training-job', ['churn'], []),
  },
  {
    // Reports of evaluations.
    file: 'automation/aws/aws-model-cards.ts',
    command: 'client-s3 GetObjectCommand',
    placements: CARDS,
    may: () => [['s3:GetObject', bucket(ASSETS, 'evaluation/report.json')]],
    mayNot: () => [['s3:GetObject', bucket(NOT_OURS, 'evaluation/report.json')]],
  },
  {
    file: 'automation/aws/aws-model-cards.ts',
    command: 'client-s3 PutObjectCommand',
    placements: CARDS,
    may: () => [['s3:PutObject', bucket(ASSETS, 'model_card_exports/churn/1.json')]],
    mayNot: () => [['s3:PutObject', bucket(ASSETS, 'churn/model.tar.gz')]],
  },
];

export const DEPLOYMENT_CALLS: readonly DeploymentCall[] = [
  ...MODEL_CARD_CALLS,
  ...JOB_CALLS,
  {
    // One in state Failed; a name chosen by the caller is recognized by the tag of its pipeline, as when Pulumi deletes it.
    file: 'automation/aws/aws.ts',
    command: 'client-sagemaker DeleteEndpointCommand',
    placements: SERVING,
    ...sagemaker('DeleteEndpoint', 'endpoint', [`${PIPELINE}-endpoint-1234567`], ['another']),
  },
  {
    file: 'automation/aws/aws.ts',
    command: 'client-sagemaker DescribeEndpointCommand',
    placements: SERVING,
    ...sagemaker('DescribeEndpoint', 'endpoint', ['churn', `${PIPELINE}-endpoint-1234567`], []),
  },
  {
    file: 'automation/aws/aws.ts',
    command: 'client-sagemaker DescribeEndpointConfigCommand',
    placements: SERVING,
    ...sagemaker('DescribeEndpointConfig', 'endpoint-config', [`${PIPELINE}-endpoint-config-1234567`], ['another']),
  },
  {
    file: 'automation/aws/aws.ts',
    command: 'client-sagemaker DescribeModelCommand',
    placements: SERVING,
    // Model cards are written for any model of the orchestrator's own account.
    ...sagemaker('DescribeModel', 'model', [`${PIPELINE}-model-1234567`], []),
  },
  {
    file: 'automation/aws/aws.ts',
    command: 'client-apigatewayv2 GetApisCommand',
    placements: SERVING,
    ...gateway('/apis'),
  },
  {
    file: 'automation/aws/aws.ts',
    command: 'client-apigatewayv2 GetRoutesCommand',
    placements: SERVING,
    ...gateway('/apis/a1b2c3/routes'),
  },
  {
    file: 'automation/aws/aws.ts',
    command: 'client-apigatewayv2 GetIntegrationsCommand',
    placements: SERVING,
    ...gateway('/apis/a1b2c3/integrations'),
  },
  {
    file: 'automation/aws/aws-after-deploy.ts',
    command: 'client-sagemaker-runtime InvokeEndpointCommand',
    placements: SERVING,
    may: (at) => [
      ['sagemaker:InvokeEndpoint', arn('sagemaker', at, `endpoint/${PIPELINE}-endpoint-1234567`)],
      ['sagemaker:InvokeEndpoint', arn('sagemaker', at, 'endpoint/churn'), TAGGED],
    ],
    mayNot: (at) => [
      ['sagemaker:InvokeEndpoint', arn('sagemaker', at, 'endpoint/churn')],
      [
        'sagemaker:InvokeEndpoint',
        arn('sagemaker', at, 'endpoint/churn'),
        { 'aws:ResourceTag/mlops:pipeline-id': 'another' },
      ],
      ['sagemaker:InvokeEndpoint', arn('sagemaker', ofStranger(at), 'endpoint/churn'), TAGGED],
      ['sagemaker:InvokeEndpointAsync', arn('sagemaker', at, 'endpoint/churn'), TAGGED],
    ],
  },
  {
    file: 'automation/aws/aws-after-deploy.ts',
    command: 'client-cloudwatch DescribeAlarmsCommand',
    placements: SERVING,
    ...ALARMS,
  },
  {
    file: 'automation/aws/aws-schedules.ts',
    command: 'client-sagemaker DescribeMonitoringScheduleCommand',
    placements: SERVING,
    ...sagemaker('DescribeMonitoringSchedule', 'monitoring-schedule', ['churn-dataquality-1'], []),
  },
  {
    file: 'automation/aws/aws-schedules.ts',
    command: 'client-sagemaker StopMonitoringScheduleCommand',
    placements: SERVING,
    may: (at) => [
      ['sagemaker:StopMonitoringSchedule', arn('sagemaker', at, 'monitoring-schedule/churn-dataquality-1'), TAGGED],
    ],
    mayNot: (at) => [
      ['sagemaker:StopMonitoringSchedule', arn('sagemaker', at, 'monitoring-schedule/churn-dataquality-1')],
      ['sagemaker:StopMonitoringSchedule', arn('sagemaker', ofStranger(at), 'monitoring-schedule/churn'), TAGGED],
    ],
  },
  {
    // Of the preflight, and when a request comes.
    file: 'automation/aws/aws-model-package.ts',
    command: 'client-sagemaker DescribeModelPackageCommand',
    placements: PREFLIGHT,
    // Registries are in the orchestrator's account, or in one that shares its own.
    may: (at) =>
      [at, { ...at, account: ACCOUNT }, ofStranger(at)].map((where): Call => [
        'sagemaker:DescribeModelPackage',
        arn('sagemaker', where, 'model-package/churn/3'),
      ]),
    mayNot: (at) => [
      ['sagemaker:DescribeModelPackage', arn('sagemaker', elsewhere(at), 'model-package/churn/3')],
      ['sagemaker:UpdateModelPackage', arn('sagemaker', at, 'model-package/churn/3')],
    ],
  },
  {
    file: 'automation/aws/aws-preflight-checks.ts',
    command: 'client-ecr DescribeImagesCommand',
    placements: PREFLIGHT,
    may: (at) =>
      [at, { ...at, account: ACCOUNT }].map((where): Call => [
        'ecr:DescribeImages',
        arn('ecr', where, 'repository/team/churn'),
      ]),
    mayNot: (at) => [
      ['ecr:DescribeImages', arn('ecr', elsewhere(at), 'repository/team/churn')],
      ['ecr:DescribeRepositories', arn('ecr', at, 'repository/team/churn')],
      ['ecr:ListImages', arn('ecr', at, 'repository/team/churn')],
    ],
  },
  {
    file: 'automation/aws/aws-preflight-checks.ts',
    command: 'client-kms DescribeKeyCommand',
    placements: PREFLIGHT,
    may: (at) => [['kms:DescribeKey', arn('kms', at, 'key/12345678-1234-1234-1234-123456789012')]],
    mayNot: (at) => [
      ['kms:DescribeKey', arn('kms', elsewhere(at), 'key/12345678-1234-1234-1234-123456789012')],
      ['kms:ListKeys', '*'],
    ],
  },
  {
    file: 'automation/aws/aws-preflight-checks.ts',
    command: 'client-cloudwatch DescribeAlarmsCommand',
    placements: PREFLIGHT,
    ...ALARMS,
  },
  {
    file: 'automation/aws/aws-preflight-checks.ts',
    command: 'client-sagemaker ListMonitoringSchedulesCommand',
    placements: SERVING,
    ...onEverything('sagemaker:ListMonitoringSchedules'),
  },
  {
    file: 'automation/aws/aws-preflight-storage.ts',
    command: 'client-s3 HeadBucketCommand',
    placements: PREFLIGHT,
    ...listing([ASSETS, DATA], [NOT_OURS]),
  },
  {
    file: 'automation/aws/aws-preflight-storage.ts',
    command: 'client-s3 ListObjectsV2Command',
    placements: PREFLIGHT,
    ...listing([ASSETS, DATA], [NOT_OURS]),
  },
  {
    file: 'automation/aws/aws-preflight-storage.ts',
    command: 'client-s3 HeadObjectCommand',
    placements: PREFLIGHT,
    // Without the list what is not there looks like what may not be read.
    may: () => [
      ['s3:GetObject', bucket(ASSETS, 'churn/model.tar.gz')],
      ['s3:ListBucket', bucket(ASSETS)],
    ],
    mayNot: () => [
      ['s3:GetObject', bucket(DATA, 'people.csv')],
      ['s3:GetObject', bucket(NOT_OURS, 'people.csv')],
      ['s3:GetObjectVersion', bucket(ASSETS, 'churn/model.tar.gz')],
    ],
  },
  {
    file: 'automation/aws/aws-quotas.ts',
    command: 'client-service-quotas ListServiceQuotasCommand',
    placements: PREFLIGHT,
    ...onEverything('servicequotas:ListServiceQuotas'),
  },
  {
    file: 'automation/aws/aws-quotas.ts',
    command: 'client-service-quotas ListAWSDefaultServiceQuotasCommand',
    placements: PREFLIGHT,
    ...onEverything('servicequotas:ListAWSDefaultServiceQuotas'),
  },
];

type CallsOf = { [Kind in Need['kind']]: (need: Extract<Need, { kind: Kind }>, at: At) => Call[] };

/** What the preflight asks for each kind of need. */
const CALLS_OF_NEED: CallsOf = {
  bucket: (need) => [['s3:ListBucket', bucket(need.bucket)]],
  object: (need) => [
    ['s3:ListBucket', bucket(need.bucket)],
    ...(need.isPrefix ? [] : [['s3:GetObject', bucket(need.bucket, need.key)] satisfies Call]),
  ],
  image: ({ uri }, at) => {
    const [, account = '', repository = ''] = /^(\d{12})\.dkr\.ecr\.[^/]+\/([^:@]+)/.exec(uri) ?? [];
    return [['ecr:DescribeImages', arn('ecr', { ...at, account }, `repository/${repository}`)]];
  },
  'model-package': (need) => [['sagemaker:DescribeModelPackage', need.arn]],
  'kms-key': (need) => [['kms:DescribeKey', need.arn]],
  alarm: () => [['cloudwatch:DescribeAlarms', '*']],
  topic: () => [],
  'endpoint-name': ({ name }, at) => [['sagemaker:DescribeEndpoint', arn('sagemaker', at, `endpoint/${name}`)]],
  'model-monitor': () => [['sagemaker:ListMonitoringSchedules', '*']],
  instances: () => [
    ['servicequotas:ListServiceQuotas', '*'],
    ['servicequotas:ListAWSDefaultServiceQuotas', '*'],
  ],
};

export function callsOfNeed(need: Need, at: At): Call[] {
  return (CALLS_OF_NEED[need.kind] as (need: Need, at: At) => Call[])(need, at);
}
