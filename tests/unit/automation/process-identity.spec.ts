import assert from 'node:assert/strict';
import { endSession, killSession, parentsFirst } from '../../../automation/platform/process-identity.ts';

describe('ending a session', () => {
  // 0 and -1 are the ids that matter, and must not be tried: without the check this would end the test's own session.
  it('refuses what is not the process id of a leader, before any signal is sent', async () => {
    assert.throws(() => killSession(Number.NaN), RangeError);
    await assert.rejects(endSession(Number.NaN, ''), RangeError);
  });

  it('ends the CLI before its providers, which would look to it like creations that failed', () => {
    const [child, cli, provider, ofProvider, hook] = [100, 300, 200, 150, 120];
    const members = [
      { pid: hook, parent: child },
      { pid: ofProvider, parent: provider },
      { pid: provider, parent: cli },
      { pid: cli, parent: child },
    ];
    assert.deepEqual(parentsFirst(members), [hook, cli, provider, ofProvider]);
  });
});
