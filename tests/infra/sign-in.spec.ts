import assert from 'node:assert/strict';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { loadConfig } from '../../automation/config/config.ts';
import type { Run } from '../../blueprints/testing.ts';
import { serviceSettings } from '../../infra/components/service-settings.ts';
import { Service } from '../../infra/components/service.ts';
import { SignInBalancer } from '../../infra/components/sign-in.ts';
import type { TaskRoles } from '../../infra/components/task-roles.ts';
import { WorkMetrics } from '../../infra/components/work-metrics.ts';
import { ConfigInvalid, parseSettings, regionProblems } from '../../infra/config.ts';
import { KEY_ARN, PLACE, balancer, listOf, network, record, revealed } from './recording.ts';

const PROJECT = 'mlops-workload-orchestrator';
const SIGN_IN = {
  domain: 'mlops.example.com',
  certificateArn: 'arn:aws:acm:us-east-1:111111111111:certificate/1',
  issuer: 'https://idp.example.com',
  authorizationEndpoint: 'https://idp.example.com/authorize',
  tokenEndpoint: 'https://idp.example.com/token',
  userInfoEndpoint: 'https://idp.example.com/userinfo',
  clientId: 'client-1',
  groups: { approver: ['Approvers'], admin: ['Platform Team', 'Admins'] },
  cidrs: ['192.0.2.0/24', '198.51.100.7/32'],
};
const BALANCER_ARN =
  'arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/app/mlops-sign-in/0123456789abcdef';
const SECRET = 'the-secret-of-the-client';

const given = (signIn: object, more: Record<string, string> = {}): Record<string, string> => ({
  notificationEmail: 'team@example.com',
  signInClientSecret: SECRET,
  signIn: JSON.stringify({ ...SIGN_IN, ...signIn }),
  ...more,
});
const settingsOf = (signIn: object = {}) => parseSettings(given(signIn), PROJECT);

function problemsOf(values: Record<string, string>): readonly string[] {
  try {
    parseSettings(values, PROJECT);
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
  return [];
}

async function recorded(signIn: object = {}): Promise<Run> {
  const { signIn: settings } = settingsOf(signIn);
  assert.ok(settings);
  return record(() => {
    const made = new SignInBalancer('mlops-sign-in', { network, settings, clientSecret: SECRET });
    return { targetGroupArn: made.targetGroupArn };
  });
}

describe('the load balancer of sign-in', () => {
  let made: Run;

  before(async () => {
    made = await recorded();
  });

  it('is reached over TLS from the given ranges, and reaches the tasks and the identity provider', () => {
    assert.deepEqual(listOf(made.resources), [
      'Listener mlops-sign-in',
      'ListenerRule mlops-sign-in-pages',
      'LoadBalancer mlops-sign-in',
      'SecurityGroup mlops-sign-in',
      'SecurityGroupEgressRule mlops-sign-in-to-https',
      'SecurityGroupEgressRule mlops-sign-in-to-service',
      'SecurityGroupIngressRule mlops-sign-in-from-192-0-2-0-24',
      'SecurityGroupIngressRule mlops-sign-in-from-198-51-100-7-32',
      'SecurityGroupIngressRule mlops-sign-in-service-from-sign-in',
      'TargetGroup mlops-sign-in',
    ]);
    const listener = made.find('Listener', 'mlops-sign-in').inputs;
    assert.deepEqual([listener.port, listener.protocol], [443, 'HTTPS']);
    const { inputs } = made.find('SecurityGroupIngressRule', 'mlops-sign-in-service-from-sign-in');
    assert.deepEqual(
      [inputs.securityGroupId, inputs.referencedSecurityGroupId, inputs.fromPort],
      ['sg-service', 'mlops-sign-in-id', 8080],
    );
  });

  it('signs in people who open a page, and denies everything else without a session', () => {
    const unauthenticated = (actions: unknown): unknown[] =>
      (revealed(actions).value as { type: string; authenticateOidc?: { onUnauthenticatedRequest: string } }[]).map(
        ({ type, authenticateOidc }) => authenticateOidc?.onUnauthenticatedRequest ?? type,
      );
    assert.deepEqual(unauthenticated(made.find('Listener', 'mlops-sign-in').inputs.defaultActions), [
      'deny',
      'forward',
    ]);
    const rule = made.find('ListenerRule', 'mlops-sign-in-pages').inputs;
    assert.deepEqual(unauthenticated(rule.actions), ['authenticate', 'forward']);
    assert.deepEqual(rule.conditions, [
      { pathPattern: { values: ['/', '/console', '/console/*', '/docs', '/docs/*'] } },
    ]);
  });

  it('keeps the secret of the client secret', () => {
    assert.ok(revealed(made.find('Listener', 'mlops-sign-in').inputs.defaultActions).secret);
    assert.ok(revealed(made.find('ListenerRule', 'mlops-sign-in-pages').inputs.actions).secret);
  });

  it('is in the public subnets, in the private ones, or where it is put', async () => {
    const placeOf = (run: Run) => {
      const { internal, subnets } = run.find('LoadBalancer', 'mlops-sign-in').inputs;
      return [internal, subnets];
    };
    assert.deepEqual(placeOf(made), [false, ['subnet-3', 'subnet-4']]);
    assert.deepEqual(placeOf(await recorded({ internal: true })), [true, ['subnet-1', 'subnet-2']]);
  });

  it('forwards to the tasks of the API, beside the one of the gateway', async () => {
    const run = await record(() => {
      const ready = new aws.sns.Topic('ready');
      const signIn = {
        targetGroupArn: pulumi.output('arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/sign-in/4'),
        ready,
      } as unknown as SignInBalancer;
      new Service('mlops', {
        image: '111111111111.dkr.ecr.us-east-1.amazonaws.com/mlops-service:1',
        network,
        balancer: balancer(ready),
        signIn,
        roles: { taskRoleArn: 'arn:t', executionRoleArn: 'arn:e', policies: [] } as unknown as TaskRoles,
        databaseInstances: [],
        region: 'us-east-1',
        logGroupName: 'mlops-service',
        settings: {},
        secrets: {},
        tasks: { api: { min: 1, max: 1 }, worker: { min: 1, max: 1 } },
        metrics: new WorkMetrics('mlops', { keyArn: KEY_ARN, retentionDays: 30 }),
      });
      return {};
    });
    const api = run.resources.find(({ type, name }) => type === 'awsx:ecs:FargateService' && name === 'mlops-api');
    const groups = (api?.inputs.loadBalancers as { targetGroupArn: string }[]).map(({ targetGroupArn }) =>
      targetGroupArn.replace(/^.*targetgroup/, ''),
    );
    assert.deepEqual(groups, ['/mlops/3', '/sign-in/4']);
  });
});

describe('the launch parameter signIn', () => {
  it('becomes settings that the service takes', () => {
    const logoutUrl = 'https://idp.example.com/logout?client_id=client-1';
    const settings = settingsOf({ groupsFrom: 'AccessToken', groupsClaim: 'cognito:groups', logoutUrl });
    const variables = serviceSettings({
      place: PLACE,
      settings,
      assetsBucket: 'mlops-assets',
      topicArn: 'arn:aws:sns:us-east-1:111111111111:mlops-notifications',
      queueUrl: 'https://sqs.us-east-1.amazonaws.com/111111111111/mlops-config',
      signInBalancerArn: BALANCER_ARN,
      state: { PULUMI_BACKEND_URL: 's3://state', PULUMI_CONFIG_PASSPHRASE: 'x' },
    }) as Record<string, string>;
    const { signIn } = loadConfig({
      ...variables,
      DATABASE_URL: 'postgresql://u:p@db:5432/mlops',
      GATEWAY_SECRET: 'a-long-enough-secret',
    });
    assert.deepEqual(signIn, {
      url: 'https://mlops.example.com',
      loadBalancerArn: BALANCER_ARN,
      issuer: 'https://idp.example.com',
      clientId: 'client-1',
      nameClaim: 'email',
      groupsClaim: 'cognito:groups',
      groupsFrom: 'AccessToken',
      logoutUrl,
      groups: { viewer: [], provisioner: [], approver: ['Approvers'], admin: ['Platform Team', 'Admins'] },
    });
  });

  it('needs a certificate of the region', () => {
    assert.deepEqual(regionProblems(settingsOf(), 'eu-west-1'), [
      'signIn.certificateArn is in us-east-1, the orchestrator in eu-west-1 (aws:region): use one in eu-west-1',
    ]);
  });

  const VPC = {
    vpcId: 'vpc-0123456789abcdef0',
    privateSubnetIds: '["subnet-0123456789abcdef0","subnet-0123456789abcdef1"]',
  };
  const wrong: [string, Record<string, string>, RegExp][] = [
    ['no secret', { ...given({}), signInClientSecret: '' }, /^signInClientSecret is required with signIn/],
    ['a secret alone', withoutSignIn(), /^signInClientSecret needs signIn$/],
    ['no group', given({ groups: {} }), /^signIn\.groups must give a group one of the roles/],
    ['no range', given({ cidrs: [] }), /^signIn\.cidrs must contain at least 1/],
    ['an address for a range', given({ cidrs: ['192.0.2.1'] }), /^signIn\.cidrs\[0\] must be a valid ip/],
    ['a group with a comma', given({ groups: { admin: ['a,b'] } }), /^signIn\.groups\.admin\[0\] .*without a comma/],
    ['scopes without openid', given({ scope: 'email' }), /^signIn\.scope .*openid/],
    ['an endpoint without TLS', given({ tokenEndpoint: 'http://idp.example.com' }), /^signIn\.tokenEndpoint/],
    ['no subnets in an existing VPC', given({}, VPC), /^signIn\.subnetIds is required with vpcId/],
    ['subnets in a new VPC', given({ subnetIds: ['subnet-01234567', 'subnet-89abcdef'] }), /^signIn\.subnetIds needs/],
    ['one subnet', given({ subnetIds: ['subnet-01234567'] }, VPC), /^signIn\.subnetIds must name at least two/],
    ['a misspelt key', given({ domian: 'x.example.com' }), /^signIn\.domian is not allowed/],
  ];
  for (const [what, values, problem] of wrong) {
    it(`is refused with ${what}`, () => {
      const problems = problemsOf(values);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
    });
  }

  function withoutSignIn(): Record<string, string> {
    const { signIn: _, ...rest } = given({});
    return rest;
  }

  it('may be internal in an existing VPC', () => assert.deepEqual(problemsOf(given({ internal: true }, VPC)), []));
});
