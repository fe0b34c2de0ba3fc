/** The whole program through the sandbox's `pulumi` on the engine under test, as docs/deploy.md does it in AWS. */
import assert from 'node:assert/strict';
import { copyFile, readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ResourceState } from '../../sandbox/engine/state.ts';
import { faultsOf, findPolicies } from '../environments/policy-walk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PulumiExecutable } from './pulumi-executable.ts';
import { sourceConditionsOnEvents } from './service-principals.ts';

const ROOT = new URL('../../', import.meta.url);
const example = (name: string) => fileURLToPath(new URL(`infra/examples/Pulumi.${name}.yaml`, ROOT));

const nameOf = (resource: ResourceState) => resource.urn.split('::').at(-1) ?? '';
const ofType = (resources: ResourceState[], type: string) => resources.filter((one) => one.type === type);
const named = (resources: ResourceState[], type: string, name: string) =>
  ofType(resources, type).find((one) => nameOf(one) === name) ?? assert.fail(`no ${type} ${name}`);

/** Walks every policy in the state, whatever resource it is on. */
const policiesOf = (resources: ResourceState[]) =>
  // The deployment role's boundary grants nothing; tests/environments/ceiling.spec.ts says what it stops.
  resources
    .filter((one) => nameOf(one) !== 'mlops-main-ceiling')
    .flatMap((one) => findPolicies({ type: one.type, name: nameOf(one), inputs: one.inputs ?? {} }));

async function assertPolicies(resources: ResourceState[]): Promise<void> {
  const policies = policiesOf(resources);
  assert.ok(policies.length >= 20, `${policies.length} policies`);
  assert.deepEqual((await Promise.all(policies.map(faultsOf))).flat(), []);
}

describe('pulumi up of the orchestrator, in the sandbox', function () {
  this.timeout(300_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  describe('with the example of a single account', () => {
    let pulumi: PulumiExecutable;
    let resources: ResourceState[] = [];

    before(async () => {
      pulumi = new PulumiExecutable(folder.path, 'single-account');
      await copyFile(example('single-account'), pulumi.settingsFile);
      await pulumi.initialize();
    });

    it('comes up', async () => {
      const { code, output } = await pulumi.execute('up', '--yes', '--skip-preview');
      assert.equal(code, 0, output);
      resources = await pulumi.resources();
      const outputs = JSON.parse(await pulumi.must('stack', 'output', '--json')) as Record<string, string>;
      assert.match(outputs.apiUrl ?? '', /^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/);
      assert.equal(outputs.deploymentRoleArn, 'arn:aws:iam::111111111111:role/mlops-deployment-main');
      assert.equal(outputs.modelRegistryArn, '[No Model Package Group was created]');
    });

    it('makes every resource of AWS with the provider that carries the tags', () => {
      const strangers = resources.filter(
        (one) => one.type.startsWith('aws:') && !one.provider?.includes('pulumi:providers:aws::mlops::'),
      );
      assert.deepEqual(strangers.map(nameOf), []);
      const { outputs } = named(resources, 'aws:ecs/cluster:Cluster', 'mlops');
      assert.deepEqual(outputs?.tagsAll, { application: 'mlops-workload-orchestrator', stack: 'single-account' });
    });

    it('has subnets that do not overlap, and addresses of the shape that AWS gives', () => {
      const outputsOf = (type: string) =>
        resources.filter((one) => one.type === type).map(({ outputs }) => outputs as Record<string, string>);
      const blocks = outputsOf('aws:ec2/subnet:Subnet').map(({ cidrBlock }) => cidrBlock);
      assert.ok(blocks.length >= 4, String(blocks));
      assert.equal(new Set(blocks).size, blocks.length);
      for (const block of blocks) assert.match(block ?? '', /^10\.\d+\.\d+\.\d+\/\d+$/);
      const addresses = outputsOf('aws:ec2/eip:Eip');
      assert.ok(addresses.length > 0);
      for (const { publicDns = '', publicIp = '' } of addresses) {
        assert.ok(publicDns.startsWith(`ec2-${publicIp.replaceAll('.', '-')}.compute.`), publicDns);
      }
    });

    it('has no policy that is wider than it must be', async () => {
      await assertPolicies(resources);
    });

    it('asks EventBridge for no source in policies of topics, keys and roles, where it sends none', () => {
      const policies = policiesOf(resources);
      const events = policies.filter(({ statements }) => /events\.amazonaws\.com/.test(JSON.stringify(statements)));
      assert.ok(events.length >= 3, 'topic, key and queue');
      assert.deepEqual(sourceConditionsOnEvents(policies), []);
    });

    it('starts the tasks of every service once every instance of the database is there', () => {
      const instances = ofType(resources, 'aws:rds/clusterInstance:ClusterInstance').map(({ urn }) => urn);
      const services = ofType(resources, 'aws:ecs/service:Service');
      assert.ok(instances.length > 0 && services.length === 2);
      const known = new Map(resources.map((one) => [one.urn, one]));
      const reaches = (urn: string, seen = new Set<string>()): Set<string> => {
        if (seen.has(urn)) return seen;
        seen.add(urn);
        for (const next of known.get(urn)?.dependencies ?? []) reaches(next, seen);
        return seen;
      };
      for (const { urn } of services) {
        const awaited = reaches(urn);
        assert.deepEqual(
          instances.filter((instance) => !awaited.has(instance)),
          [],
          urn,
        );
      }
    });

    it('keeps the API with the gateway secret, the state and the key out of reach of pipelines and their deployment', async () => {
      const outputs = JSON.parse(await pulumi.must('stack', 'output', '--json')) as Record<string, string>;
      const apiId = new URL(outputs.apiUrl ?? '').hostname.split('.')[0];
      for (const name of ['mlops-main-preflight', 'mlops-main-boundary']) {
        const { Statement } = JSON.parse(String(named(resources, 'aws:iam/policy:Policy', name).inputs?.policy)) as {
          Statement: { Sid: string; Effect: string; Action: string; Resource: string[] }[];
        };
        const denied = Statement.find(({ Effect }) => Effect === 'Deny') ?? assert.fail(`${name} denies nothing`);
        assert.equal(denied.Action, '*');
        for (const resource of [`arn:aws:apigateway:us-east-1::/apis/${apiId}/*`, outputs.encryptionKeyArn ?? '']) {
          assert.ok(denied.Resource.includes(resource), `${name}: ${resource}`);
        }
      }
    });

    it('keeps no secret in the state but as ciphertext, and gives each to Secrets Manager', async () => {
      const secrets = JSON.parse(await pulumi.must('stack', 'export', '--show-secrets')) as {
        deployment: { resources: ResourceState[] };
      };
      const plain = JSON.stringify(secrets);
      const values = ofType(secrets.deployment.resources, 'random:index/randomPassword:RandomPassword').map((one) => {
        const { plaintext } = one.outputs?.result as unknown as { plaintext: string };
        return JSON.parse(plaintext) as string;
      });
      assert.equal(values.length, 3);
      const state = await pulumi.stateText();
      for (const value of values) {
        assert.ok(plain.split(value).length > 2, 'it is used somewhere');
        assert.ok(!state.includes(value));
      }
      assert.equal(ofType(resources, 'aws:secretsmanager/secretVersion:SecretVersion').length, 3);
    });

    it('changes nothing the second time', async () => {
      const { code, output } = await pulumi.operate('up');
      assert.equal(code, 0, output);
      // Providers that the program did not name are not counted, as by the real CLI.
      const counted = resources.filter((one) => !/pulumi:providers:\w+::default/.test(one.urn)).length;
      assert.match(output, new RegExp(`\\nResources:\\n\\s+${counted} unchanged\\n\\nDuration`));
    });

    it('leaves the number of tasks to autoscaling from then on', async () => {
      await pulumi.must('config', 'set', 'apiMinTasks', '2');
      // For the next test, in the same deployment.
      const image = '111111111111.dkr.ecr.us-east-1.amazonaws.com/mlops-service:0.2.0';
      await pulumi.must('config', 'set', 'imageUri', image);
      const { code, output } = await pulumi.operate('up');
      assert.equal(code, 0, output);
      const after = await pulumi.resources();
      assert.equal(named(after, 'aws:appautoscaling/target:Target', 'mlops-api').outputs?.minCapacity, 2);
      assert.equal(named(after, 'aws:ecs/service:Service', 'mlops-api').outputs?.desiredCount, 1);
    });

    it('replaces task definitions in order when the image changes: services first move, then the old ones go', async () => {
      const after = await pulumi.resources();
      for (const name of ['mlops-api', 'mlops-worker']) {
        const { outputs } = named(after, 'aws:ecs/taskDefinition:TaskDefinition', name);
        assert.equal(outputs?.revision, 2);
        assert.equal(named(after, 'aws:ecs/service:Service', name).outputs?.taskDefinition, outputs?.arn);
      }
    });

    it('goes down, and leaves what users keep in it, and what is needed to read that', async () => {
      const { code, output } = await pulumi.operate('destroy');
      assert.equal(code, 0, output);
      assert.deepEqual(await pulumi.resources(), []);
      assert.deepEqual(await pulumi.cloud(), {
        'ecr/LifecyclePolicy': 1,
        'ecr/Repository': 1,
        'kms/Key': 1,
        's3/Bucket': 3,
        's3/BucketLifecycleConfiguration': 3,
        's3/BucketLogging': 2,
        's3/BucketNotification': 1,
        's3/BucketOwnershipControls': 3,
        's3/BucketPolicy': 3,
        's3/BucketPublicAccessBlock': 3,
        's3/BucketServerSideEncryptionConfiguration': 3,
        's3/BucketVersioning': 3,
        'secretsmanager/Secret': 1,
        'secretsmanager/SecretVersion': 1,
      });
    });
  });

  describe('with the example of several accounts', () => {
    let pulumi: PulumiExecutable;

    before(async () => {
      pulumi = new PulumiExecutable(folder.path, 'multi-account');
      await copyFile(example('multi-account'), pulumi.settingsFile);
      await pulumi.initialize();
      await pulumi.must('config', 'set', '--path', 'serviceSettings.DEPLOYMENT_EXTERNAL_ID', 'a-handshake');
    });

    it('comes up, and lets exactly the environment accounts read bucket, repository and registry', async () => {
      const { code, output } = await pulumi.operate('up');
      assert.equal(code, 0, output);
      const resources = await pulumi.resources();
      const policies = [
        named(resources, 'aws:s3/bucketPolicy:BucketPolicy', 'mlops-assets').outputs?.policy,
        named(resources, 'aws:ecr/repositoryPolicy:RepositoryPolicy', 'mlops-algorithms').outputs?.policy,
        named(resources, 'aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy', 'mlops-model-registry')
          .outputs?.resourcePolicy,
      ];
      for (const policy of policies) {
        const accounts = new Set(String(policy).match(/arn:aws:iam::\d{12}:root/g));
        assert.deepEqual(
          [...accounts].sort(),
          ['222222222222', '333333333333', '444444444444'].map((id) => `arn:aws:iam::${id}:root`),
        );
      }
    });

    it('has no policy that is wider than it must be', async () => {
      await assertPolicies(await pulumi.resources());
    });

    it('has one external id: the service says it, its role may say no other, and the deployment role wants it', async () => {
      const resources = await pulumi.resources();
      const task = named(resources, 'aws:ecs/taskDefinition:TaskDefinition', 'mlops-worker').inputs;
      assert.match(JSON.stringify(task), /DEPLOYMENT_EXTERNAL_ID[^}]*a-handshake/);
      const condition = { StringEquals: { 'sts:ExternalId': 'a-handshake' } };
      for (const [type, name, property] of [
        ['aws:iam/rolePolicy:RolePolicy', 'mlops-task-policy', 'policy'],
        ['aws:iam/role:Role', 'mlops-main-role', 'assumeRolePolicy'],
        ['aws:iam/role:Role', 'mlops-main-fence-role', 'assumeRolePolicy'],
      ] as const) {
        const { Statement } = JSON.parse(String(named(resources, type, name).outputs?.[property])) as {
          Statement: { Action: unknown; Condition?: unknown }[];
        };
        const deploy = Statement.filter(({ Action }) => Action === 'sts:AssumeRole');
        assert.ok(deploy.length > 0, name);
        for (const { Condition } of deploy) assert.deepEqual(Condition, condition, name);
      }
    });

    it('will not go down while the database is protected', async () => {
      const { code, output } = await pulumi.operate('destroy');
      assert.notEqual(code, 0);
      assert.match(output, /disable deletion protection/);
    });
  });

  it('refuses a wrong configuration with every problem and its key, and makes nothing', async () => {
    const pulumi = new PulumiExecutable(folder.path, 'wrong');
    await pulumi.initialize();
    await pulumi.must('config', 'set', 'aws:region', 'us-east-1');
    await pulumi.must('config', 'set', 'notificationEmial', 'a@example.com');
    await pulumi.must('config', 'set', 'devAccountId', '222222222222');
    const { code, output } = await pulumi.operate('up');
    assert.notEqual(code, 0);
    for (const problem of [
      /notificationEmial is not a key of this program; did you mean "notificationEmail"\?/,
      /notificationEmail is required/,
      /devAccountId needs multiAccount: true/,
    ]) {
      assert.match(output, problem);
    }
    assert.deepEqual(
      (await pulumi.resources()).map((one) => one.type),
      ['pulumi:pulumi:Stack'],
    );
  });

  it('says how to get an image where none can be built', async () => {
    const pulumi = new PulumiExecutable(folder.path, 'no-engine');
    await copyFile(example('single-account'), pulumi.settingsFile);
    await pulumi.initialize();
    await pulumi.must('config', 'rm', 'imageUri');
    const { code, output } = await pulumi.run('preview');
    assert.notEqual(code, 0);
    assert.match(output, /no Docker engine.*imageUri/);
  });

  it('writes nothing into the project', async () => {
    const files = (await readdir(ROOT)).filter((file) => /^Pulumi\..+\.yaml$/.test(file));
    assert.deepEqual(files, []);
    assert.match(await readFile(new URL('Pulumi.yaml', ROOT), 'utf8'), /^main: infra\/index\.ts$/m);
  });
});
