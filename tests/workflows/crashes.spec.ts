/** What a killed service leaves behind, and in which order another one resumes it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { until } from '../support/until.ts';
import { CrashingService } from './crashing-service.ts';
import { perform } from './sequence-acts.ts';
import { mustHold } from './sequence-invariants.ts';
import { Story } from './sequence-story.ts';

describe('a service that is killed', function () {
  this.timeout(180_000);
  let service: CrashingService;

  before(async () => {
    service = await CrashingService.start();
  });

  after(async () => await service.stop());

  const operationsOf = (story: Story) =>
    service.stacks.journal.filter(({ pipelineId }) => pipelineId === story.pipelineId);

  it('in the middle of a deployment: that is finished before what was asked for after it begins', async () => {
    // Several, since another order would be a matter of luck.
    const stories = Array.from({ length: 5 }, (_, index) => new Story(service, `ordered-${index}`));
    for (const story of stories) {
      // Goes on until the crash, however long the others take to begin.
      service.stacks.arm(story.stackOf('dev'), 'up', 'hang');
      await perform(story, { do: 'provision', variant: 0 });
      await perform(story, { do: 'provision', variant: 1 });
    }
    await until(() => stories.every((story) => operationsOf(story).length === 1), 'every dev is being deployed');
    await service.crash();
    for (const story of stories) {
      const [newer, older] = await story.settle();
      assert.equal(older?.status, 'Superseded');
      assert.equal(older.stages.find(({ name }) => name === 'DeployDev')?.status, 'Succeeded', 'it was left halfway');
      assert.equal(newer?.status, 'AwaitingApproval');
      await mustHold(story, [newer, older]);
    }
  });

  it('while people are asked: what they were shown can be approved afterwards', async () => {
    const story = new Story(service, 'asked');
    await perform(story, { do: 'provision', variant: 0 });
    const [before] = await story.settle();
    await service.crash();
    const [after] = await story.settle();
    assert.deepEqual(after, before);
    await perform(story, { do: 'approve', everybody: true });
    const [next] = await story.settle();
    assert.equal(next?.approval?.environment, 'prod');
    await mustHold(story, await story.settle());
  });
});
