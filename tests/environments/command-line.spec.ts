/** The input of `npm run environments`: its command line and its settings file. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { UsageError, readArguments } from '../../cli/environments/arguments.ts';
import type { EnvironmentName } from '../../cli/environments/settings.ts';
import { SettingsInvalid, readTargets } from '../../cli/environments/settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const place = (...accounts: string[]) => ({ region: 'us-east-1', accounts });
const GOOD = {
  taskRoleArn: 'arn:aws-cn:iam::111111111111:role/mlops-task',
  assetsBucket: 'mlops-assets',
  environments: { prod: place('444444444444'), dev: place('222222222222', '333333333333') },
};

describe('the command line of the roll-out', () => {
  it('has defaults', () => {
    assert.deepEqual(readArguments(['up', 'prod', 'dev']), {
      action: 'up',
      environments: ['prod', 'dev'],
      settings: 'environments.json',
      parallel: 4,
      keepGoing: false,
    });
  });

  for (const [args, problem] of [
    [[], /No action was given/],
    [['deploy'], /deploy is not an action/],
    [['up', 'qa'], /qa: the environments are dev, staging, prod/],
    [['up', '--parallel', '0'], /--parallel must be/],
    [['up', '--parallel', 'many'], /--parallel must be/],
    [['up', '--force'], /--force/],
    [['destroy'], /--yes/],
  ] as const) {
    it(`is explained after ${args.join(' ') || 'nothing'}`, () => {
      assert.throws(
        () => readArguments([...args]),
        (error) =>
          error instanceof UsageError &&
          problem.test(error.message) &&
          /Usage: npm run environments/.test(error.message),
      );
    });
  }
});

describe('the settings of the roll-out', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async () => {
    folder = await temporaryFolder();
  });

  after(async () => {
    await folder.remove();
  });

  async function targets(settings: unknown, names: EnvironmentName[] = []) {
    const file = join(folder.path, 'environments.json');
    await writeFile(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
    return await readTargets(file, names);
  }

  const problems = async (settings: unknown, names: EnvironmentName[] = []): Promise<string> => {
    try {
      await targets(settings, names);
    } catch (error) {
      assert.ok(error instanceof SettingsInvalid, String(error));
      return error.message;
    }
    return assert.fail('taken');
  };

  it('are one stack an account, in the order of promotion', async () => {
    const found = await targets(GOOD);
    assert.deepEqual(
      found.map(({ stack }) => stack),
      ['dev.222222222222.us-east-1', 'dev.333333333333.us-east-1', 'prod.444444444444.us-east-1'],
    );
    assert.deepEqual(found[2]?.config, {
      taskRoleArn: GOOD.taskRoleArn,
      assetsBucket: GOOD.assetsBucket,
      externalId: 'mlops',
      pipelinePrefix: 'mlops-pipeline',
      environment: 'prod',
      accountId: '444444444444',
      bootstrapRoleArn: 'arn:aws-cn:iam::444444444444:role/OrganizationAccountAccessRole',
    });
  });

  it('are those of the environments that are asked for', async () => {
    assert.deepEqual(
      (await targets(GOOD, ['prod'])).map(({ accountId }) => accountId),
      ['444444444444'],
    );
    assert.match(await problems(GOOD, ['staging']), /environments\.staging is asked for and is not there/);
  });

  it('may do without a role to enter by, or with another one', async () => {
    const [none] = await targets({ ...GOOD, bootstrapRole: '' });
    assert.ok(none && !('bootstrapRoleArn' in none.config));
    const [other] = await targets({ ...GOOD, bootstrapRole: 'path/AWSControlTowerExecution' });
    assert.equal(other?.config.bootstrapRoleArn, 'arn:aws-cn:iam::222222222222:role/path/AWSControlTowerExecution');
  });

  it('are refused with every fault at once', async () => {
    const message = await problems({
      taskRoleArn: 'mlops-task',
      assetsBucket: 'Assets',
      typo: true,
      environments: {
        dev: place('2222', '222222222222', '222222222222'),
        qa: place('333333333333'),
        prod: { region: 'nowhere', accounts: [] },
      },
    });
    for (const fault of [
      /taskRoleArn .*ARN of a role/,
      /assetsBucket .*name of a bucket/,
      /typo.* is not allowed/,
      /environments\.dev\.accounts\[0\] .*12 digits/,
      /environments\.dev\.accounts\[2\] contains a duplicate/,
      /environments\.qa is not allowed/,
      /environments\.prod\.region .*an AWS region/,
      /environments\.prod\.accounts must contain at least 1/,
    ]) {
      assert.match(message, fault);
    }
  });

  it('that are missing or not JSON are refused with a message that says how to fix them', async () => {
    assert.match(await problems('{'), /it is no JSON/);
    await assert.rejects(readTargets(join(folder.path, 'none.json'), []), /docs\/environments\.md shows one/);
  });
});
