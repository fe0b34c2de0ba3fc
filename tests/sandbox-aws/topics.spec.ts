import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadPublisher } from '../../automation/notifications/publisher.ts';
import { readNotifications } from '../../sandbox/aws/topics.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PUBLICATION = {
  topicArn: 'arn:aws:sns:us-east-1:111111111111:mlops-notifications',
  subject: 'Deployment started: p',
  message: 'text',
  attributes: { notificationId: '7', kind: 'started' },
};

describe('topics of the sandbox', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await folder.remove();
  });

  /** As the service gets it: from the engine's module. */
  async function publisher(module: string) {
    const url = new URL(`../../sandbox/${module}`, import.meta.url).href;
    return await loadPublisher({ kind: 'sandbox', options: { SANDBOX_HOME: folder.path }, module: url });
  }

  for (const module of ['child-engine.ts', 'child-cli-engine.ts']) {
    it(`${module}: published notifications can be read, once however often they were published`, async () => {
      const topic = await publisher(module);
      await topic.publish(PUBLICATION);
      await topic.publish(PUBLICATION);
      await topic.publish({ ...PUBLICATION, attributes: { notificationId: '8' } });
      const published = await readNotifications(join(folder.path, 'aws'));
      assert.deepEqual(
        published.map(({ time: _time, ...notification }) => notification),
        [
          { id: 'service/7', ...PUBLICATION },
          { id: 'service/8', ...PUBLICATION, attributes: { notificationId: '8' } },
        ],
      );
    });
  }

  for (const [what, wrong] of [
    ['a subject of 100 characters', { subject: 'x'.repeat(100) }],
    ['a subject with a line break', { subject: 'a\nb' }],
    ['a subject that is not ASCII', { subject: 'é' }],
    ['an empty subject', { subject: '' }],
    ['an empty message', { message: '' }],
    ['a message of more than 256 KiB', { message: 'x'.repeat(262_144) }],
    ['an empty attribute', { attributes: { kind: '' } }],
  ] as const) {
    it(`refuse ${what}, as SNS does`, async () => {
      const topic = await publisher('child-engine.ts');
      await assert.rejects(topic.publish({ ...PUBLICATION, ...wrong }), /Invalid parameter|non-empty/);
      assert.deepEqual(await readNotifications(join(folder.path, 'aws')), []);
    });
  }
});
