/** What is announced ends the rest of a service: it looks for unfinished work again, whoever does the work announced. */
import assert from 'node:assert/strict';
import type { Execution } from '../../automation/model.ts';
import { announceDue } from '../../automation/platform/due-work.ts';
import type { TestDatabase } from '../support/database.ts';
import { createDatabase } from '../support/database.ts';
import { realtime } from '../support/realtime.ts';
import { until } from '../support/until.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';
import { APPROVAL_SECONDS } from './simulated-settings.ts';

/** Longer than any test: without an announcement, the service does not look again. */
const REST_MS = 3_600_000;

describe('the rest of a service ends', function () {
  this.timeout(60_000);
  let database: TestDatabase;

  before(async () => (database = await createDatabase()));
  after(async () => await database.drop());

  const provision = async (service: SimulatedService, modelName: string) => {
    const body = await realtime(modelName);
    const answer = await service.call<{ execution_id: string }>('kim', 'POST', '/provisionpipeline', body);
    return answer.body.execution_id;
  };

  async function awaitingApproval(modelName: string): Promise<string> {
    const service = await startSimulatedService({}, { database });
    try {
      const id = await provision(service, modelName);
      assert.equal((await service.settled(id)).status, 'AwaitingApproval');
      return id;
    } finally {
      await service.stop();
    }
  }

  const ANNOUNCEMENTS: Readonly<Record<string, (service: SimulatedService) => Promise<unknown>>> = {
    'an execution was queued': (service) => provision(service, 'queued'),
    'configuration was delivered': ({ database }) => announceDue(database, 'deliveries'),
  };

  for (const [what, announce] of Object.entries(ANNOUNCEMENTS)) {
    it(`once it hears that ${what}`, async () => {
      const id = await awaitingApproval(what.replaceAll(' ', '-'));
      const service = await startSimulatedService({}, { database, restMs: REST_MS });
      try {
        const status = async () => (await service.call<Execution>('kim', 'GET', `/executions/${id}`)).body.status;
        // Nothing announces that an approval expires.
        service.advance(APPROVAL_SECONDS + 1);
        assert.equal(await status(), 'AwaitingApproval');
        await announce(service);
        await until(async () => (await status()) === 'Failed', 'the expired approval was found');
      } finally {
        await service.stop();
      }
    });
  }
});
