/** A changed request changes only what it must: every key of every type, and every resource. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { REQUEST_CHANGES } from '../support/request-changes.ts';
import { SINGLE, accepted, body } from '../unit/blueprints/requests.ts';
import { Comparison } from './operations.ts';

interface Described {
  keys: Record<string, { flags?: { presence?: string } }>;
}

const types = Object.keys(BLUEPRINTS) as PipelineType[];

describe('operations that follow from a changed request', () => {
  for (const type of types) {
    const blueprint = BLUEPRINTS[type];
    const rows = REQUEST_CHANGES[type];
    describe(type, () => {
      let comparison: Comparison;
      before(async () => {
        comparison = await Comparison.from(blueprint, accepted(body(type)).request);
      });

      it('are known for every key', () => {
        const { keys } = blueprint.schema(SINGLE).describe() as Described;
        // Another type or name is another pipeline.
        const constant = ['pipeline_type', blueprint.nameKey];
        const known = Object.keys(keys).filter(
          (key) => !constant.includes(key) && keys[key]?.flags?.presence !== 'forbidden',
        );
        assert.deepEqual(rows.map(({ key }) => key).sort(), known.sort());
      });

      it('are none for the same request', async () => {
        assert.deepEqual(await comparison.with(accepted(body(type)).request, []), []);
      });

      for (const { key, to, expected } of rows) {
        it(`${key}: ${expected || 'none'}`, async () => {
          const after = accepted(body(type, to)).request;
          const changed = await comparison.with(after, Object.keys(to));
          assert.equal(
            changed.map((one) => one.replace(/^mlops-pipeline-my-model-name-postfix-/, '')).join(', '),
            expected,
          );
        });
      }
    });
  }
});
