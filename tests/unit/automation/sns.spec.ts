import assert from 'node:assert/strict';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { mockClient } from 'aws-sdk-client-mock';
import { createPublisher } from '../../../automation/engine/cli.ts';
import { loadPublisher } from '../../../automation/notifications/publisher.ts';
import { snsPublisher } from '../../../automation/notifications/sns.ts';

const PUBLICATION = {
  topicArn: 'arn:aws:sns:eu-west-1:111122223333:mlops',
  subject: 'Deployment started: p',
  message: 'text',
  attributes: { kind: 'started', pipelineId: 'p' },
};

const mockSns = () => mockClient(SNSClient);

describe('delivery to SNS', () => {
  let sns: ReturnType<typeof mockSns>;

  before(() => {
    sns = mockSns();
  });

  beforeEach(() => {
    sns.reset();
    sns.on(PublishCommand).resolves({ MessageId: '1' });
  });

  after(() => {
    sns.restore();
  });

  it('sends subject, message and attributes to the topic', async () => {
    await snsPublisher().publish(PUBLICATION);
    assert.deepEqual(sns.commandCalls(PublishCommand)[0]?.args[0].input, {
      TopicArn: PUBLICATION.topicArn,
      Subject: 'Deployment started: p',
      Message: 'text',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'started' },
        pipelineId: { DataType: 'String', StringValue: 'p' },
      },
    });
  });

  it('is in the region of the topic, with one client for each', async () => {
    const publisher = snsPublisher();
    await publisher.publish(PUBLICATION);
    await publisher.publish({ ...PUBLICATION, topicArn: 'arn:aws-cn:sns:cn-north-1:111122223333:mlops' });
    await publisher.publish(PUBLICATION);
    const clients = sns.commandCalls(PublishCommand).map(({ thisValue }) => thisValue as SNSClient);
    const regions = await Promise.all(clients.map((client) => client.config.region()));
    assert.deepEqual(regions, ['eu-west-1', 'cn-north-1', 'eu-west-1']);
    assert.equal(clients[0], clients[2]);
    publisher.close();
  });

  it('cuts what is longer than SNS takes, between two characters', async () => {
    // Three bytes each: the limit falls into one of them.
    await snsPublisher().publish({ ...PUBLICATION, message: '€'.repeat(100_000) });
    const { Message: sent = '' } = sns.commandCalls(PublishCommand)[0]?.args[0].input ?? {};
    assert.match(sent, /^€+ …$/u);
    assert.ok(Buffer.byteLength(sent) > 249_000 && Buffer.byteLength(sent) < 256_000);
  });

  it('says so where SNS has not taken it', async () => {
    sns.on(PublishCommand).rejects(new Error('no such topic'));
    await assert.rejects(snsPublisher().publish(PUBLICATION), /no such topic/);
  });

  it('is what the engine of production gives', async () => {
    const settings = { kind: 'cli' as const, options: {} };
    const module = new URL('../../../automation/engine/cli.ts', import.meta.url).href;
    await (await loadPublisher({ ...settings, module })).publish(PUBLICATION);
    await (await createPublisher({ ...settings, module })).publish(PUBLICATION);
    assert.equal(sns.commandCalls(PublishCommand).length, 2);
    const without = new URL('../../../automation/platform/logger.ts', import.meta.url).href;
    await assert.rejects(loadPublisher({ ...settings, module: without }), /exports no createPublisher/);
  });
});
