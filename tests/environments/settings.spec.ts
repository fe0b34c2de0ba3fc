/** The configuration of the program of an environment account. */
import assert from 'node:assert/strict';
import * as pulumi from '@pulumi/pulumi';
import { afterEach, describe, it } from 'mocha';
import { readSettings } from '../../infra/environment/settings.ts';

const GOOD = {
  environment: 'dev',
  accountId: '222222222222',
  taskRoleArn: 'arn:aws:iam::111111111111:role/mlops-task',
  assetsBucket: 'mlops-assets',
};

function read(values: Record<string, string>, region: string | undefined = 'us-east-1') {
  const own = Object.entries(values).map(([key, value]) => [`mlops-environment:${key}`, value]);
  pulumi.runtime.setAllConfig(Object.fromEntries(own) as Record<string, string>);
  return readSettings(new pulumi.Config('mlops-environment'), region);
}

describe('the settings of an environment account', () => {
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it('have the defaults of the service', () => {
    assert.deepEqual(read(GOOD), {
      ...GOOD,
      region: 'us-east-1',
      externalId: 'mlops',
      pipelinePrefix: 'mlops-pipeline',
    });
  });

  it('take lists of buckets and keys', () => {
    const key = 'arn:aws:kms:us-east-1:222222222222:key/*';
    const settings = read({ ...GOOD, dataBuckets: '["team-*"]', dataKeyArns: JSON.stringify([key]) });
    assert.deepEqual([settings.dataBuckets, settings.dataKeyArns], [['team-*'], [key]]);
  });

  it('are refused with every fault at once, each with the command that mends it', () => {
    assert.throws(
      () => read({ environment: 'qa', taskRoleArn: 'x', assetsBucket: 'B', dataBuckets: '["UPPER"]' }, ''),
      ({ message }: Error) => {
        for (const key of ['environment', 'accountId', 'taskRoleArn', 'assetsBucket', 'dataBuckets']) {
          assert.match(message, new RegExp(`mlops-environment:${key}.*pulumi config set .*mlops-environment:${key}`));
        }
        assert.match(message, /aws:region.*pulumi config set aws:region/);
        return true;
      },
    );
  });
});
