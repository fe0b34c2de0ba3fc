import assert from 'node:assert/strict';
import { allBlueprints } from '../../../blueprints/registry.ts';
import { openSchema } from '../../../blueprints/request/known-keys.ts';
import { buildSchemas } from '../../../blueprints/request/warm-up.ts';

const SETTINGS = { useModelRegistry: false, multiAccount: false };

describe('building the schemas ahead', () => {
  it('leaves nothing to build for a request', async () => {
    const build = new Map(allBlueprints().map((one) => [one, one.schema.bind(one)] as const));
    await buildSchemas(SETTINGS);
    try {
      for (const blueprint of build.keys()) blueprint.schema = () => assert.fail(`${blueprint.pipelineType} is built`);
      for (const blueprint of build.keys()) {
        for (const useModelRegistry of [true, false]) openSchema(blueprint, { ...SETTINGS, useModelRegistry });
      }
    } finally {
      for (const [blueprint, schema] of build) Object.assign(blueprint, { schema });
    }
  });

  it('lets others have their turn after each schema', async () => {
    let turns = 0;
    const count = () => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await buildSchemas(SETTINGS);
    clearImmediate(counting);
    assert.ok(turns >= allBlueprints().length, `${turns} turns`);
  });
});
