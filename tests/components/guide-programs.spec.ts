/** Every request that the guide prints, carried as far as Pulumi: the program of its type makes a stack of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { STAGES } from '../../blueprints/blueprint.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import { MULTI_ACCOUNT, MULTI_ACCOUNT_MONITORS, SINGLE_ACCOUNT } from '../unit/blueprints/guide-bodies.ts';
import { MULTI, SINGLE, accepted } from '../unit/blueprints/requests.ts';
import { run } from '../../blueprints/testing.ts';

/** The monitors for several accounts are printed without a model, one of them without a baseline: with these they are whole. */
const REPAIRED_MONITORS = Object.fromEntries(
  Object.entries(MULTI_ACCOUNT_MONITORS).map(([name, { sent }]) => [
    name,
    { ...sent, model_name: 'my-model-name', baseline_data: 'path/to/baseline.csv' },
  ]),
);

describe('requests of the guide, as stacks', () => {
  for (const [name, sent] of Object.entries(SINGLE_ACCOUNT)) {
    it(`in one account: ${name}`, async () => {
      const { blueprint, request } = accepted(sent, SINGLE);
      const program = await blueprint.loadProgram?.();
      assert.ok(program, 'the type has a program');
      const { resources, outputs } = await run(program, request);
      assert.ok(resources.length > 5);
      for (const key of blueprint.keyOutputs ?? []) assert.ok(outputs[key], key);
    });
  }

  for (const [name, sent] of Object.entries({ ...MULTI_ACCOUNT, ...REPAIRED_MONITORS })) {
    const { blueprint, request } = accepted(sent, MULTI);
    for (const environment of blueprint.placement === 'environments' ? STAGES : ['main']) {
      it(`in several accounts: ${name}, ${environment}`, async () => {
        const program = await blueprint.loadProgram?.();
        assert.ok(program, 'the type has a program');
        const { outputs } = await run(program, stageValues(blueprint, request, environment), { environment });
        for (const key of blueprint.keyOutputs ?? []) assert.ok(outputs[key], key);
      });
    }
  }
});
