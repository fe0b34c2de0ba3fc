/** Everything that the orchestrator's own program and that of environments ask of AWS, held against AWS' API models. */
import assert from 'node:assert/strict';
import * as pulumi from '@pulumi/pulumi';
import { requestOf } from '../../sandbox/aws/api-requests.ts';
import { faultsOf } from '../../sandbox/aws/shape-check.ts';
import type { Registered } from '../../blueprints/testing.ts';
import { ACCOUNT, REGION, run } from '../../blueprints/testing.ts';
import { accountOf } from '../environments/accounts.ts';
import type { ServiceModel } from '../support/aws-models.ts';
import { modelsOrSkip } from '../support/models-or-skip.ts';
import { AWSX_CALLS, INFRA_CALLS } from './infra-calls.ts';

/** Names that the provider generates, from a prefix too. */
const GENERATED = /^[^.]+\.(\w*[nN]ame|DB\w+Identifier|Bucket): is required$/;
const SECRET = '4dabf18193072939515e22adb298388d';
const SERVICES = [...new Set(Object.values(INFRA_CALLS).map(({ service }) => service)), 'elbv2'];

const arn = (service: string, rest: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
/** What resources answer that others are made of. */
const STATES = {
  'aws:kms/key:Key': { keyId: '12345678-1234-1234-1234-123456789012', arn: arn('kms', 'key/1234') },
  'aws:sqs/queue:Queue': { url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/q`, arn: arn('sqs', 'q') },
  'random:index/randomPassword:RandomPassword': { result: 'Not-so-random-1' },
  'aws:secretsmanager/secretVersion:SecretVersion': {
    secretArn: arn('secretsmanager', 'secret:s'),
    arn: arn('secretsmanager', 'secret:s'),
  },
  'awsx:ec2:Vpc': { vpcId: 'vpc-1', privateSubnetIds: ['subnet-1', 'subnet-2'], routeTables: [{ id: 'rtb-1' }] },
  'awsx:ecs:FargateService': { service: { name: 'service-1' } },
  'awsx:ecr:Image': { imageUri: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/mlops-service@sha256:1` },
  'awsx:lb:ApplicationLoadBalancer': {
    listeners: [{ arn: arn('elasticloadbalancing', 'listener/app/mlops/1/2') }],
    defaultTargetGroup: { arn: arn('elasticloadbalancing', 'targetgroup/mlops/3'), arnSuffix: 'targetgroup/mlops/3' },
    loadBalancer: { arnSuffix: 'app/mlops/1' },
  },
};
const ANSWERS = {
  getSubnet: ({ id = '' }) => ({ id, availabilityZoneId: 'use1-az1' }),
  getAvailabilityZones: () => ({ names: ['us-east-1a', 'us-east-1b'], zoneIds: ['use1-az1', 'use1-az2'] }),
};

/** Title → launch parameters. */
const OPTIONS: Record<string, Record<string, string>> = {
  'the defaults': {},
  'every option': {
    multiAccount: 'true',
    ...Object.fromEntries(
      ['dev', 'staging', 'prod'].flatMap((name, index) => [
        [`${name}OrgId`, `ou-ab12-3456789${index}`],
        [`${name}AccountId`, String(index + 2).repeat(12)],
      ]),
    ),
    repositoryAddress: `https://git-codecommit.${REGION}.amazonaws.com/v1/repos/mlops-config`,
    useModelRegistry: 'true',
    createModelRegistry: 'true',
    imageUri: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/mlops-service:1`,
    certificateArn: arn('acm', 'certificate/12345678-1234-1234-1234-123456789012'),
    certificateDomain: 'mlops.example.com',
    databaseMultiAz: 'true',
    pulumiAccessToken: 'pul-0123456789',
    tags: '{"cost-center": "machine-learning"}',
  },
};

/** As the provider gets them: secrets without their mark, documents as text. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if (SECRET in value) return plain((value as Record<string, unknown>).value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

describe('infrastructure, held against AWS’ API models', function () {
  this.timeout(300_000);
  let models: Record<string, ServiceModel> = {};

  before(async function () {
    models = await modelsOrSkip(this, SERVICES, 'infrastructure');
  });
  after(() => pulumi.runtime.setAllConfig({}));

  const modelOf = (service: string): ServiceModel => models[service] ?? assert.fail(`no model of ${service}`);

  function faultsIn({ type, name, inputs }: Registered): string[] {
    const given = plain(inputs) as Record<string, unknown>;
    if (type.startsWith('awsx:')) {
      const calls = AWSX_CALLS[type] ?? assert.fail(`the calls of ${type} are not listed`);
      return calls(given).flatMap(([service, shape, request]) => faultsOf(modelOf(service), shape, request, name));
    }
    const call = INFRA_CALLS[type] ?? assert.fail(`the call of ${type} is not listed`);
    const model = modelOf(call.service);
    const texts = Object.entries(given).map(([key, value]) => [
      key,
      key === 'policy' && typeof value === 'object' ? JSON.stringify(value) : value,
    ]);
    const shaped = (call.shaped ?? ((one) => one))(Object.fromEntries(texts) as Record<string, unknown>);
    return faultsOf(model, call.shape, requestOf(model, call, shaped), name).filter((fault) => !GENERATED.test(fault));
  }

  const ofAws = (resources: readonly Registered[]) => resources.filter(({ type }) => /^awsx?:/.test(type));

  for (const [title, settings] of Object.entries(OPTIONS)) {
    it(`is as AWS takes it, with ${title}`, async () => {
      const program = async () => {
        const given = Object.entries(settings).map(([key, value]) => [`project:${key}`, value]);
        const always = { 'aws:region': REGION, 'project:notificationEmail': 'team@example.com' };
        pulumi.runtime.setAllConfig({ ...always, ...(Object.fromEntries(given) as Record<string, string>) });
        // The program runs when it is imported: under another address it runs again.
        await import(new URL(`../../infra/index.ts?${encodeURIComponent(title)}`, import.meta.url).href);
        return {};
      };
      const resources = ofAws((await run(program, {}, {}, ANSWERS, { states: STATES })).resources);
      assert.ok(resources.length > 100, `${resources.length} resources`);
      assert.ok(resources.some(({ type }) => type === 'awsx:ecs:FargateService'));
      assert.deepEqual(resources.flatMap(faultsIn), []);
    });
  }

  it('of environments is as AWS takes it', async () => {
    const { made } = await accountOf(['environments', 'orchestrator']);
    const resources = ofAws(made.resources);
    assert.ok(resources.length > 10, `${resources.length} resources`);
    assert.deepEqual(resources.flatMap(faultsIn), []);
  });

  it('would not pass with an unknown log driver of a task, or an unknown attribute of a queue', () => {
    const found = (type: string, inputs: Record<string, unknown>) =>
      faultsIn({ type, name: 'bad', inputs } as unknown as Registered);
    assert.match(found('aws:sqs/queue:Queue', { retention: 1 }).join(), /retention/);
    const container = { name: 'c', image: 'i', logConfiguration: { logDriver: 'papyrus' } };
    const task = { family: 'f', container, taskRole: {}, executionRole: {}, ephemeralStorage: {} };
    const service = { taskDefinitionArgs: task, networkConfiguration: { subnets: [] } };
    assert.match(found('awsx:ecs:FargateService', service).join(), /logDriver: papyrus is not one of/);
  });
});
