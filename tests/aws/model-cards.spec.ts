/** Model cards against moto: what the service sends is accepted, and comes back. */
import assert from 'node:assert/strict';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SageMakerClient } from '@aws-sdk/client-sagemaker';
import { after, before, describe, it } from 'mocha';
import { modelCardsWith } from '../../automation/aws/aws-model-cards.ts';
import type { ModelCardCalls } from '../../automation/aws/model-card-calls.ts';
import type { Moto } from '../support/moto.ts';
import { startMoto } from '../support/moto.ts';
import { NoPythonPackage } from '../support/python-package.ts';

describe('model cards against moto', () => {
  let moto: Moto | undefined;
  let calls: ModelCardCalls;
  let s3: S3Client;

  before(async function () {
    this.timeout(300_000);
    try {
      moto = await startMoto();
    } catch (error) {
      if (!(error instanceof NoPythonPackage) || process.env.CI) throw error;
      process.stderr.write(`\nSKIPPED: model cards against moto. ${error.message}\n\n`);
      this.skip();
    }
    const settings = {
      endpoint: moto.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    };
    s3 = new S3Client({ ...settings, forcePathStyle: true });
    calls = modelCardsWith(new SageMakerClient(settings), s3);
  });
  after(() => moto?.stop());

  it('creates, describes, updates, lists and deletes a card', async () => {
    await calls.create('churn', 'Draft', '{"model_overview":{}}');
    const made = await calls.describe('churn');
    assert.equal(made?.ModelCardStatus, 'Draft');
    assert.equal(made.Content, '{"model_overview":{}}');
    await calls.update('churn', { status: 'Approved' });
    assert.equal((await calls.describe('churn'))?.ModelCardStatus, 'Approved');
    await calls.update('churn', { content: '{"intended_uses":{}}' });
    // The status is not checked again: moto, unlike SageMaker, loses it with new content.
    assert.equal((await calls.describe('churn'))?.Content, '{"intended_uses":{}}');
    assert.deepEqual(
      (await calls.list()).map(({ ModelCardName }) => ModelCardName),
      ['churn'],
    );
    assert.deepEqual(
      (await calls.versions('churn')).map(({ ModelCardVersion }) => ModelCardVersion),
      [3, 2, 1],
    );
    assert.equal((await calls.describe('churn', 1))?.Content, '{"model_overview":{}}');
    await calls.delete('churn');
    assert.equal(await calls.describe('churn'), undefined);
  });

  it('what is not there is undefined', async () => {
    assert.equal(await calls.describe('gone'), undefined);
    assert.equal(await calls.describeModel('gone'), undefined);
    assert.equal(await calls.describeTrainingJob('gone'), undefined);
  });

  it('reads a report', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'assets' }));
    await s3.send(new PutObjectCommand({ Bucket: 'assets', Key: 'a/report.json', Body: '{}' }));
    assert.equal(await calls.readObject('s3://assets/a/report.json'), '{}');
    assert.equal(await calls.readObject('s3://assets/gone.json'), undefined);
  });
});
