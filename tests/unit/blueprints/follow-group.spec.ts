/** The key `follow_model_package_group` of real-time and batch requests. */
import assert from 'node:assert/strict';
import { requestDigest } from '../../../blueprints/request/digest.ts';
import { BLUEPRINTS } from '../../../blueprints/registry.ts';
import { REGISTRY, SINGLE, accepted, body, onlyFault } from './requests.ts';

const KEY = 'follow_model_package_group';
const GROUP = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/my-group';

describe('following a model package group', () => {
  for (const type of [
    'byom_realtime_builtin',
    'byom_realtime_custom',
    'byom_batch_builtin',
    'byom_batch_custom',
  ] as const) {
    it(`is off unless ${type} asks for it, and makes no other request of one that does not`, () => {
      const plain = accepted(body(type, {}, REGISTRY), REGISTRY).request;
      assert.ok(!(KEY in plain));
      assert.equal(accepted(body(type, { [KEY]: 'True' }, REGISTRY), REGISTRY).request[KEY], true);
      assert.notEqual(
        requestDigest(accepted(body(type, { [KEY]: true }, REGISTRY), REGISTRY).request),
        requestDigest(plain),
      );
    });

    it(`needs a version of a group in ${type}`, () => {
      const fault = onlyFault(body(type, { [KEY]: true, model_package_name: GROUP }, REGISTRY), REGISTRY);
      assert.deepEqual([fault.pointer, fault.rule], [`/${KEY}`, 'conflict']);
      accepted(body(type, { [KEY]: false, model_package_name: GROUP }, REGISTRY), REGISTRY);
    });

    it(`is left out, with a warning, by ${type} in installations without the registry`, () => {
      const { request, warnings } = accepted(body(type, { [KEY]: true }), SINGLE);
      assert.ok(!(KEY in request));
      assert.ok(
        warnings.some((warning) => warning.includes(KEY)),
        warnings.join(),
      );
    });
  }

  it('does not run batch jobs again', () => {
    const { runKeys = [], schema } = BLUEPRINTS.byom_batch_custom;
    const keys = [SINGLE, REGISTRY].flatMap((settings) =>
      Object.keys((schema(settings).describe() as { keys: Record<string, unknown> }).keys),
    );
    const builtin = Object.keys((BLUEPRINTS.byom_batch_builtin.schema(SINGLE).describe() as { keys: object }).keys);
    assert.deepEqual(
      [...new Set([...keys, ...builtin])].filter((key) => !runKeys.includes(key)),
      [KEY],
    );
  });
});
