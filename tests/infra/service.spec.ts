import assert from 'node:assert/strict';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { loadConfig } from '../../automation/config/config.ts';
import { serviceImage } from '../../infra/components/image.ts';
import { serviceSettings } from '../../infra/components/service-settings.ts';
import { Service } from '../../infra/components/service.ts';
import type { TaskRoles } from '../../infra/components/task-roles.ts';
import { WorkMetrics } from '../../infra/components/work-metrics.ts';
import { parseSettings } from '../../infra/config.ts';
import type { Run } from '../../blueprints/testing.ts';
import { KEY_ARN, PLACE, balancer, listOf, network, record } from './recording.ts';

const IMAGE = '111111111111.dkr.ecr.us-east-1.amazonaws.com/mlops-service:1';
const settingsOf = (given: Record<string, string> = {}) =>
  parseSettings({ notificationEmail: 'team@example.com', ...given }, 'mlops-workload-orchestrator');

const MULTI = {
  multiAccount: 'true',
  devOrgId: 'ou-ab12-34567890',
  devAccountId: '222222222222',
  stagingOrgId: 'ou-ab12-45678901',
  stagingAccountId: '333333333333',
  prodOrgId: 'ou-ab12-56789012',
  prodAccountId: '444444444444',
};

const STATE = { PULUMI_BACKEND_URL: 's3://state', PULUMI_CONFIG_PASSPHRASE: 'x' };

function variables(given: Record<string, string>, state: Record<string, string>): Record<string, string> {
  return serviceSettings({
    place: PLACE,
    settings: settingsOf(given),
    assetsBucket: 'mlops-assets',
    topicArn: 'arn:aws:sns:us-east-1:111111111111:mlops-notifications',
    queueUrl: 'https://sqs.us-east-1.amazonaws.com/111111111111/mlops-config',
    state,
  }) as Record<string, string>;
}

describe('a repository of AWS CodeCommit', () => {
  it('is named to the service as the one that it takes configuration from, and the service takes that', () => {
    const address = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/mlops-config';
    const given = variables({ repositoryAddress: address, repositoryBranch: 'release' }, STATE);
    assert.equal(given.CONFIG_REPOSITORIES, 'codecommit:mlops-config@release');
    const { sources } = loadConfig({
      ...given,
      DATABASE_URL: 'postgresql://u:p@db:5432/mlops',
      GATEWAY_SECRET: 'a-long-enough-secret',
    });
    assert.deepEqual(sources.repositories, [{ source: 'codecommit', repository: 'mlops-config', branch: 'release' }]);
    assert.equal('CONFIG_REPOSITORIES' in variables({}, STATE), false);
  });
});

describe('service on Fargate', () => {
  let made: Run;

  before(async () => {
    made = await record(() => {
      const ready = new aws.sns.Topic('ready');
      const databaseInstances = ['a', 'b'].map((name) => new aws.sns.Topic(`database-${name}`));
      new Service('mlops', {
        image: IMAGE,
        network,
        balancer: balancer(ready),
        roles: {
          taskRoleArn: pulumi.output('arn:aws:iam::111111111111:role/task'),
          executionRoleArn: pulumi.output('arn:aws:iam::111111111111:role/execution'),
          policies: [],
        } as unknown as TaskRoles,
        databaseInstances,
        region: 'us-east-1',
        logGroupName: 'mlops-service',
        settings: { HOST: '0.0.0.0', ASSETS_BUCKET: 'mlops-assets' },
        secrets: { DATABASE_URL: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:url' },
        tasks: { api: { min: 2, max: 4 }, worker: { min: 1, max: 8 } },
        metrics: new WorkMetrics('mlops', { keyArn: KEY_ARN, retentionDays: 30 }),
      });
    });
  });

  const fargate = (name: string) =>
    made.resources.find((one) => one.type === 'awsx:ecs:FargateService' && one.name === name) ?? assert.fail(name);

  it('is two services of one image, which differ in their role, size and way in', () => {
    const api = fargate('mlops-api').inputs;
    const worker = fargate('mlops-worker').inputs;
    const container = (inputs: Record<string, unknown>) =>
      (inputs.taskDefinitionArgs as { container: { image: string; environment: { name: string; value: string }[] } })
        .container;
    const environment = (inputs: Record<string, unknown>) =>
      Object.fromEntries(container(inputs).environment.map(({ name, value }) => [name, value]));
    assert.deepEqual(environment(api), {
      ASSETS_BUCKET: 'mlops-assets',
      HOST: '0.0.0.0',
      SERVICE_ROLE: 'api',
      WORKER_CONCURRENCY: '2',
    });
    assert.deepEqual(environment(worker), { ...environment(api), SERVICE_ROLE: 'worker', WORKER_CONCURRENCY: '6' });
    assert.equal(container(api).image, IMAGE);
    assert.equal(container(worker).image, IMAGE);
    assert.deepEqual(api.loadBalancers, [
      {
        targetGroupArn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/mlops/3',
        containerName: 'service',
        containerPort: 8080,
      },
    ]);
    assert.equal(worker.loadBalancers, undefined);
    assert.equal(api.desiredCount, 2);
    assert.equal(worker.desiredCount, 1);
  });

  it('runs in the private subnets, without a public address, and rolls back what does not start', () => {
    for (const name of ['mlops-api', 'mlops-worker']) {
      const { inputs, dependencies } = fargate(name);
      assert.deepEqual(inputs.networkConfiguration, {
        subnets: ['subnet-1', 'subnet-2'],
        securityGroups: ['sg-service'],
        assignPublicIp: false,
      });
      assert.deepEqual(inputs.deploymentCircuitBreaker, { enable: true, rollback: true });
      const awaited = ['ready', 'database-a', 'database-b'].filter((one) =>
        dependencies.some((urn) => urn.endsWith(one)),
      );
      assert.deepEqual(awaited, ['ready', 'database-a', 'database-b']);
    }
  });

  it('writes nowhere but to /tmp, has no capabilities, and gets secrets by reference', () => {
    for (const name of ['mlops-api', 'mlops-worker']) {
      const args = fargate(name).inputs.taskDefinitionArgs as Record<string, unknown>;
      const container = args.container as Record<string, unknown>;
      assert.equal(container.readonlyRootFilesystem, true);
      assert.deepEqual(args.volumes, [{ name: 'tmp' }]);
      assert.deepEqual(container.mountPoints, [{ sourceVolume: 'tmp', containerPath: '/tmp', readOnly: false }]);
      assert.deepEqual(container.linuxParameters, { initProcessEnabled: true, capabilities: { drop: ['ALL'] } });
      assert.deepEqual(container.secrets, [
        { name: 'DATABASE_URL', valueFrom: 'arn:aws:secretsmanager:us-east-1:111111111111:secret:url' },
      ]);
      assert.deepEqual(args.taskRole, { roleArn: 'arn:aws:iam::111111111111:role/task' });
      assert.deepEqual(args.executionRole, { roleArn: 'arn:aws:iam::111111111111:role/execution' });
      assert.deepEqual(args.logGroup, { skip: true });
    }
  });

  it('is scaled by processors, and workers by the work that there is for each', () => {
    assert.deepEqual(
      listOf(made.resources).filter((one) => /^(Policy|Target) /.test(one)),
      [
        'Policy mlops-api-cpu',
        'Policy mlops-worker-cpu',
        'Policy mlops-worker-queue',
        'Target mlops-api',
        'Target mlops-worker',
      ],
    );
    const { targetTrackingScalingPolicyConfiguration: tracking } = made.find('Policy', 'mlops-worker-queue').inputs as {
      targetTrackingScalingPolicyConfiguration: Record<string, unknown>;
    };
    const { metrics } = tracking.customizedMetricSpecification as {
      metrics: { id: string; returnData: boolean; expression?: string; metricStat?: { metric: unknown } }[];
    };
    assert.equal(tracking.targetValue, 6);
    assert.deepEqual(
      metrics.map(({ id, returnData }) => [id, returnData]),
      [
        ['queued', false],
        ['running', false],
        ['tasks', false],
        ['load', true],
      ],
    );
    assert.equal(metrics[3]?.expression, '(queued + running) / tasks');
    assert.deepEqual(metrics[0]?.metricStat?.metric, { namespace: 'MLOps/stack', metricName: 'QueuedExecutions' });
  });

  it('makes metrics of exactly the figures that the service logs', async () => {
    const filters = made.resources.filter(({ type }) => type.endsWith(':LogMetricFilter'));
    const patterns = filters.map(({ inputs }) => String(inputs.pattern)).sort();
    const source = await import('node:fs/promises').then(({ readFile }) =>
      readFile(new URL('../../automation/executions/backlog-metrics.ts', import.meta.url), 'utf8'),
    );
    const figures = [...(/interface Work \{(.*?)\n\}/s.exec(source)?.[1] ?? '').matchAll(/^ {2}(\w+): number/gm)];
    assert.deepEqual(patterns, figures.map(([, figure]) => `{ $.work.${String(figure)} >= 0 }`).sort());
  });
});

describe('settings of the service', () => {
  const SECRETS = {
    DATABASE_URL: 'postgresql://mlops:x@host:5432/mlops?sslmode=verify-full',
    GATEWAY_SECRET: 'x'.repeat(48),
  };

  it('are such that the service starts with them, with a state bucket and with Pulumi Cloud', () => {
    const own = variables({}, { PULUMI_BACKEND_URL: 's3://mlops-state' });
    for (const role of ['api', 'worker']) {
      const config = loadConfig({
        ...own,
        ...SECRETS,
        PULUMI_CONFIG_PASSPHRASE: 'x',
        SERVICE_ROLE: role,
        WORKER_CONCURRENCY: '2',
      });
      assert.equal(config.role, role);
      assert.equal(config.engine.backendUrl, 's3://mlops-state');
      assert.equal(config.environments.main?.deploymentRoleArn, 'arn:aws:iam::111111111111:role/mlops-deployment-main');
    }
    const cloud = loadConfig({ ...variables({}, {}), ...SECRETS, PULUMI_ACCESS_TOKEN: 'pul-x' });
    assert.equal(cloud.engine.backendUrl, undefined);
  });

  it('name the environments with the multi-account option only', () => {
    const names = (given: Record<string, string>) =>
      Object.keys(variables(given, {})).filter((name) => /^(DEV|STAGING|PROD|DELEGATED)_/.test(name));
    assert.deepEqual(names({}), []);
    assert.equal(names(MULTI).length, 13);
    const multi = variables({ ...MULTI, delegatedAdminAccount: 'false', devRegion: 'eu-west-1' }, {});
    assert.equal(multi.MULTI_ACCOUNT, 'Yes');
    assert.equal(multi.DELEGATED_ADMIN_ACCOUNT, 'No');
    assert.equal(multi.DEV_REGION, 'eu-west-1');
    assert.equal(multi.PROD_DEPLOYMENT_ROLE_ARN, 'arn:aws:iam::444444444444:role/mlops-deployment-prod');
    assert.equal(multi.PROD_PERMISSIONS_BOUNDARY_ARN, 'arn:aws:iam::444444444444:policy/mlops-boundary-prod');
  });

  it('take the lists of callers that are given, and what else is set by hand', () => {
    const given = variables(
      { adminArns: '["arn:a","arn:b*"]', serviceSettings: '{"LOG_LEVEL":"debug","WARM_CHILDREN":2}' },
      {},
    );
    assert.equal(given.ADMIN_ARNS, 'arn:a,arn:b*');
    assert.equal(given.VIEWER_ARNS, undefined);
    assert.equal(given.LOG_LEVEL, 'debug');
    assert.equal(given.WARM_CHILDREN, '2');
  });
});

describe('image of the service', () => {
  const imageOf = (imageUri: string) =>
    record(() => ({ image: serviceImage('mlops', imageUri, new pulumi.ComponentResource('test:Root', 'root')) }));

  it('is the ready one, with nothing made', async () => {
    const made = await imageOf(IMAGE);
    assert.deepEqual(listOf(made.resources), []);
    assert.equal(made.outputs.image, IMAGE);
  });

  it('is built from the Dockerfile of the project into a separate repository, and referenced by digest', async () => {
    const made = await imageOf('');
    assert.deepEqual(listOf(made.resources), [
      'Image mlops-service',
      'LifecyclePolicy mlops-service',
      'Repository mlops-service',
    ]);
    const { inputs } = made.resources.find(({ type }) => type === 'awsx:ecr:Image') ?? assert.fail();
    assert.equal(inputs.context, '..');
    assert.equal(inputs.dockerfile, '../Dockerfile');
    assert.equal(inputs.platform, 'linux/amd64');
    assert.match(String(made.outputs.image), /@sha256:/);
  });

  it('stays for ten versions, of which each is three manifests for Amazon ECR: index, image, attestation', async () => {
    const { policy } = (await imageOf('')).find('LifecyclePolicy').inputs as {
      policy: { rules: { selection: { countType: string; countNumber: number } }[] };
    };
    const [{ selection }] = policy.rules as [(typeof policy.rules)[0]];
    assert.equal(selection.countType, 'imageCountMoreThan');
    assert.ok(selection.countNumber >= 10 * 3, String(selection.countNumber));
  });
});
