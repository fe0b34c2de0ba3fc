import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { ConfigInvalid, parseSettings, regionProblems } from '../../infra/config.ts';
import { KEYS, SECRET_KEYS, defaults } from '../../infra/config-schema.ts';

const PROJECT = 'mlops-workload-orchestrator';
const VALID = { notificationEmail: 'team@example.com' };
const MULTI = {
  ...VALID,
  multiAccount: 'true',
  devOrgId: 'ou-ab12-34567890',
  devAccountId: '222222222222',
  stagingOrgId: 'ou-ab12-45678901',
  stagingAccountId: '333333333333',
  prodOrgId: 'ou-ab12-56789012',
  prodAccountId: '444444444444',
};

function problemsOf(given: Record<string, string>): string[] {
  try {
    parseSettings({ ...VALID, ...given }, PROJECT);
  } catch (error) {
    if (error instanceof ConfigInvalid) return [...error.problems];
    throw error;
  }
  return [];
}

interface Declared {
  type: string;
  default?: unknown;
  description: string;
}

/** What no type of Pulumi.yaml describes: maps, and what must not have a default to be secret. */
const UNDECLARED = ['serviceSettings', 'serviceSecrets', 'signIn', 'tags', ...SECRET_KEYS];

async function declared(): Promise<Record<string, Declared>> {
  const project = parse(await readFile(new URL('../../Pulumi.yaml', import.meta.url), 'utf8')) as {
    name: string;
    config: Record<string, Declared>;
  };
  assert.equal(project.name, PROJECT);
  return project.config;
}

/** As the stack's settings file gives them to a program: text, with lists and objects as JSON. */
async function example(name: string): Promise<Record<string, string>> {
  const url = new URL(`../../infra/examples/Pulumi.${name}.yaml`, import.meta.url);
  const { config } = parse(await readFile(url, 'utf8')) as { config: Record<string, unknown> };
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(`${PROJECT}:`))
      .map(([key, value]) => [
        key.slice(PROJECT.length + 1),
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
  );
}

describe('launch parameters', () => {
  it('need no more than an e-mail address', () => {
    const settings = parseSettings(VALID, PROJECT);
    assert.deepEqual(settings, {
      notificationEmail: 'team@example.com',
      repositoryAddress: '',
      repositoryBranch: 'main',
      existingS3Bucket: '',
      existingECRRepository: '',
      useModelRegistry: false,
      createModelRegistry: false,
      allowDetailedErrorMessage: true,
      delegatedAdminAccount: true,
      accounts: undefined,
      pipelinePrefix: 'mlops-pipeline',
      imageUri: '',
      network: { kind: 'new', cidr: '10.0.0.0/16', natGateways: 'Single' },
      database: {
        minCapacity: 0.5,
        maxCapacity: 4,
        multiAz: false,
        deletionProtection: true,
        finalSnapshot: true,
        backupDays: 7,
      },
      tasks: { api: { min: 1, max: 4 }, worker: { min: 1, max: 4 } },
      certificate: undefined,
      signIn: undefined,
      logRetentionDays: 90,
      callers: { viewer: [], provisioner: [], approver: [], admin: [] },
      serviceSettings: {},
      serviceSecrets: {},
      tags: {},
    });
  });

  it('are declared in Pulumi.yaml with the same keys and defaults', async () => {
    const config = await declared();
    assert.deepEqual(Object.keys(config).sort(), KEYS.filter((key) => !UNDECLARED.includes(key)).sort());
    const own = defaults();
    for (const [key, { default: fallback, type, description }] of Object.entries(config)) {
      assert.ok(description.length > 10, key);
      // Pulumi.yaml has no type for fractions, so capacities are text there.
      // A key without a default is empty there: the CLI would stop at the first one that is missing, instead of the program.
      assert.deepEqual(key.endsWith('Capacity') ? Number(fallback) : fallback, own[key] ?? '', key);
      const given = Array.isArray(fallback) ? 'array' : typeof fallback;
      assert.equal(type === 'integer' ? 'number' : type, given, key);
    }
  });

  for (const name of ['single-account', 'multi-account']) {
    it(`load from the example Pulumi.${name}.yaml`, async () => {
      const settings = parseSettings(await example(name), PROJECT);
      assert.equal(settings.accounts !== undefined, name === 'multi-account');
      assert.equal(settings.accounts?.prod.accountId, name === 'multi-account' ? '444444444444' : undefined);
    });
  }

  it('of the multi-account option belong together', () => {
    assert.deepEqual(problemsOf({ multiAccount: 'true' }), [
      'devOrgId is required',
      'devAccountId is required',
      'stagingOrgId is required',
      'stagingAccountId is required',
      'prodOrgId is required',
      'prodAccountId is required',
    ]);
    assert.deepEqual(problemsOf({ devAccountId: '222222222222' }), ['devAccountId needs multiAccount: true']);
    assert.deepEqual(parseSettings({ ...MULTI, prodRegion: 'eu-west-1' }, PROJECT).accounts?.prod, {
      accountId: '444444444444',
      orgId: 'ou-ab12-56789012',
      region: 'eu-west-1',
    });
  });

  const wrong: [Record<string, string>, RegExp][] = [
    [{ notificationEmail: 'nobody' }, /^notificationEmail must be a valid email$/],
    [{ existingS3Bucket: 'My_Bucket' }, /^existingS3Bucket .*an S3 bucket name/],
    [{ existingECRRepository: 'Upper' }, /^existingECRRepository .*ECR repository/],
    [{ repositoryAddress: 'https://github.com/owner/repo' }, /^repositoryAddress .*CodeCommit address/],
    [{ useModelRegistry: 'Yes' }, /^useModelRegistry must be a boolean$/],
    [{ vpcId: 'vpc-0123456789abcdef0' }, /^privateSubnetIds must name at least two subnets/],
    [{ privateSubnetIds: '["subnet-0123456789abcdef0"]' }, /^privateSubnetIds needs vpcId$/],
    [{ natGateways: 'None' }, /^natGateways must be one of \[Single, OnePerAz\]$/],
    [{ databaseMaxCapacity: '1', databaseMinCapacity: '2' }, /^databaseMaxCapacity must not be below/],
    [{ databaseMaxCapacity: '0.5' }, /^databaseMaxCapacity must not be below 1, the least that Aurora takes$/],
    [{ databaseMinCapacity: '0' }, /^databaseMinCapacity must not be below 0.5, /],
    [{ databaseMinCapacity: '0.7' }, /^databaseMinCapacity must be a multiple of 0.5$/],
    [{ workerMaxTasks: '1', workerMinTasks: '2' }, /^workerMaxTasks must not be below workerMinTasks$/],
    [{ certificateDomain: 'api.example.com' }, /^certificateArn and certificateDomain go together$/],
    [{ logRetentionDays: '42' }, /^logRetentionDays must be one of/],
    [{ imageUri: 'mlops' }, /^imageUri .*an image with tag or digest/],
    [{ adminArns: '["alice"]' }, /^adminArns\[0\] .*an ARN/],
    [{ serviceSettings: '{"logLevel":"debug"}' }, /^serviceSettings\.logLevel is not allowed$/],
    [{ serviceSecrets: '{"TOKEN":"plain"}' }, /^serviceSecrets\.TOKEN .*Secrets Manager/],
    [{ pipelinePrefix: 'Über' }, /^pipelinePrefix /],
    [
      { useModelRegistri: 'true' },
      /^useModelRegistri is not a key of this program; did you mean "useModelRegistry"\?$/,
    ],
  ];
  for (const [given, problem] of wrong) {
    it(`refuse ${JSON.stringify(given).slice(0, 70)} and name the key`, () => {
      const problems = problemsOf(given);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', problem);
    });
  }

  it('name nothing of another region that AWS reaches in its own only', () => {
    const certificate = { arn: 'arn:aws:acm:eu-west-1:111111111111:certificate/1', domain: 'api.example.com' };
    const repositoryAddress = 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/mlops';
    assert.deepEqual(regionProblems({ repositoryAddress, certificate, signIn: undefined }, 'us-east-1'), [
      'certificateArn is in eu-west-1, the orchestrator in us-east-1 (aws:region): use one in us-east-1',
    ]);
    assert.deepEqual(regionProblems({ repositoryAddress, certificate, signIn: undefined }, 'eu-west-1'), [
      'repositoryAddress is in us-east-1, the orchestrator in eu-west-1 (aws:region): use one in eu-west-1',
    ]);
    assert.deepEqual(
      regionProblems({ repositoryAddress: '', certificate: undefined, signIn: undefined }, 'eu-west-1'),
      [],
    );
  });

  it('list every problem at once, with the command that sets a key', () => {
    assert.throws(
      () => parseSettings({ natGateways: 'None', apiMinTasks: '0' }, PROJECT),
      (error: Error) => {
        for (const key of ['notificationEmail', 'natGateways', 'apiMinTasks'])
          assert.ok(error.message.includes(key), key);
        return error.message.includes('pulumi config set mlops-workload-orchestrator:<key> <value>');
      },
    );
  });
});
