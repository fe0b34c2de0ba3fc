/** What a request names in another region or partition than it is deployed to. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RequestSettings } from '../../../blueprints/request/request.ts';
import type { Body } from './requests.ts';
import { MULTI, REGISTRY, SINGLE, accepted, body, onlyFault, places } from './requests.ts';

const in_ = (region: string) => ({ region, assetsBucket: 'assets-bucket' });
const US: RequestSettings = { ...SINGLE, environments: { main: in_('us-east-1') } };
const CHINA: RequestSettings = { ...SINGLE, environments: { main: in_('cn-north-1') } };
const STAGED: RequestSettings = {
  ...MULTI,
  environments: { main: in_('us-east-1'), dev: in_('us-east-1'), staging: in_('us-east-1'), prod: in_('eu-west-1') },
};

const image = (region: string, domain = 'amazonaws.com') => `999999999999.dkr.ecr.${region}.${domain}/algo:1`;
const key = (region: string, partition = 'aws') => `arn:${partition}:kms:${region}:111111111111:key/12345678`;
const realtime = (changes: Body) => body('byom_realtime_custom', { custom_image_uri: image('us-east-1'), ...changes });

describe('the place of a deployment', () => {
  it('has its images, with what to push where', () => {
    const fault = onlyFault(realtime({ custom_image_uri: image('eu-west-1') }), US);
    assert.equal(fault.pointer, '/custom_image_uri');
    assert.match(fault.message, /in eu-west-1, but the deployment is in us-east-1.*999999999999\.dkr\.ecr\.us-east-1/);
    accepted(realtime({}), US);
    accepted(realtime({ custom_image_uri: image('cn-north-1', 'amazonaws.com.cn') }), CHINA);
  });

  it('of another partition has registries of another domain', () => {
    const sent = realtime({ custom_image_uri: image('us-iso-east-1', 'c2s.ic.gov') });
    assert.match(onlyFault(sent, US).message, /in us-iso-east-1, but the deployment is in us-east-1/);
    accepted(sent, { ...SINGLE, environments: { main: in_('us-iso-east-1') } });
  });

  it('has its keys, whatever account they are of', () => {
    const training = (kms_key_arn: string) => body('model_training_builtin', { kms_key_arn });
    assert.match(onlyFault(training(key('eu-west-1')), US).message, /a key in eu-west-1.*us-east-1.*use a key/);
    assert.match(onlyFault(training(key('cn-north-1', 'aws-cn')), US).message, /partition aws-cn.*partition aws:/);
    for (const named of ['alias/my-key', '12345678-1234-1234-1234-123456789012', key('us-east-1')]) {
      accepted(training(named), US);
    }
  });

  it('has its model packages', () => {
    const arn = (region: string) => `arn:aws:sagemaker:${region}:222222222222:model-package/churn/1`;
    const settings = { ...REGISTRY, environments: US.environments };
    const sent = (region: string) => body('byom_realtime_custom', { model_package_name: arn(region) }, settings);
    assert.deepEqual(places(sent('eu-west-1'), settings), ['/model_package_name conflict']);
    accepted(sent('us-east-1'), settings);
  });

  it('has its topics', () => {
    const asynchronous = (region: string) => ({
      asynchronous: {
        input_location: 'b-in/p',
        output_location: 'b-out/p',
        success_topic_arn: `arn:aws:sns:${region}:111111111111:done`,
      },
    });
    assert.deepEqual(places(realtime({ endpoint: asynchronous('eu-west-1') }), US), [
      '/endpoint/asynchronous/success_topic_arn conflict',
    ]);
    accepted(realtime({ endpoint: asynchronous('us-east-1') }), US);
  });

  it('is checked for every environment, each with its own values', () => {
    const keys = { dev: key('us-east-1'), staging: key('us-east-1'), prod: key('us-east-1') };
    const sent = body('byom_realtime_builtin', { kms_key_arn: keys });
    const fault = onlyFault(sent, STAGED);
    assert.equal(fault.pointer, '/kms_key_arn/prod');
    assert.match(fault.message, /prod is in eu-west-1/);
    accepted({ ...sent, kms_key_arn: { ...keys, prod: key('eu-west-1') } }, STAGED);
  });

  it('of what is deployed once is that of the orchestrator', () => {
    accepted(body('model_training_builtin', { kms_key_arn: key('us-east-1') }), STAGED);
    assert.deepEqual(places(body('model_training_builtin', { kms_key_arn: key('eu-west-1') }), STAGED), [
      '/kms_key_arn conflict',
    ]);
  });

  it('bounds what a job writes below together with the name of its bucket, and what is put there', () => {
    const location = (type: string, limit: number) =>
      body(type, { job_output_location: 'a'.repeat(limit - 's3://assets-bucket/'.length) });
    for (const [type, limit] of [
      ['model_autopilot_training', 512],
      ['model_training_builtin', 1_024 - '/checkpoint'.length - 64],
      ['model_tuner_builtin', 1_024 - '/checkpoint'.length - 64],
    ] as const) {
      accepted(location(type, limit), US);
      const fault = onlyFault(location(type, limit + 1), US);
      assert.equal(fault.pointer, '/job_output_location');
      assert.match(fault.message, new RegExp(`${limit + 1} characters.*at most ${limit} here`));
    }
  });

  it('bounds keys together with the name of its bucket', () => {
    const training = (length: number) => body('model_training_builtin', { training_data: 'a'.repeat(length) });
    const room = 1_024 - 's3://assets-bucket/'.length;
    accepted(training(room), US);
    assert.match(onlyFault(training(room + 1), US).message, /URI has 1025 characters.*1024/);
  });
});
