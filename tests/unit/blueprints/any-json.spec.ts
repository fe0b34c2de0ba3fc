import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { PipelineType } from '../../../blueprints/blueprint.ts';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import { RequestInvalid } from '../../../blueprints/faults.ts';
import { describePipelineType } from '../../../blueprints/registry.ts';
import type { RequestSettings } from '../../../blueprints/request/request.ts';
import { validateRequest } from '../../../blueprints/request/request.ts';
import { requestDigest } from '../../../blueprints/request/digest.ts';
import { knownKeys } from '../../../blueprints/request/known-keys.ts';
import { INSTALLATIONS, body } from './requests.ts';

/** As JSON.parse gives it: objects have a prototype. */
function plain(json: unknown): unknown {
  return JSON.parse(JSON.stringify(json));
}

const settings = fc.constantFrom<RequestSettings>(...Object.values(INSTALLATIONS));
const type = fc.constantFrom<PipelineType>(...PIPELINE_TYPES);

const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * As fast-check's unit `binary`: any code point that is no half of a pair. That one makes a table of all million of them for each
 * arbitrary that uses it.
 */
const CODE_POINT = fc.integer({ min: 0, max: 0x10ffff - SURROGATES.count }).map(
  (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count),
  (text) => {
    const point = typeof text === 'string' && [...text].length === 1 ? text.codePointAt(0) : undefined;
    if (point === undefined || (point >= SURROGATES.first && point < SURROGATES.first + SURROGATES.count))
      throw new Error('It is not one code point.');
    return point < SURROGATES.first ? point : point - SURROGATES.count;
  },
);

/** Texts that break things: NUL, half surrogates, JSON in JSON, names of prototypes. */
const oddText = fc.oneof(
  fc.string({ unit: CODE_POINT }),
  fc.constantFrom(
    '',
    '\0',
    '\ud800',
    '__proto__',
    'constructor',
    's3://',
    '{',
    '{}',
    '[]',
    '{"__proto__":1}',
    '1e999',
    'NaN',
  ),
  fc.json(),
);
const value = fc.oneof(
  { withCrossShrink: true },
  fc.jsonValue({ stringUnit: CODE_POINT }).map(plain),
  oddText,
  fc.double(),
  fc.dictionary(fc.constantFrom('dev', 'staging', 'prod', 'main'), fc.oneof(oddText, fc.integer()), {
    noNullPrototype: true,
  }),
);
const key = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...knownKeys()) }, oddText);

/** Rules that docs/errors.md explains. */
const RULES = new Set(
  [
    ...readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8').matchAll(/^\| `([a-z0-9]+)` +\|/gm),
  ].map(([, rule]) => rule),
);

function checkRefusal(error: unknown): void {
  assert.ok(error instanceof RequestInvalid, String(error));
  assert.ok(error.message.length > 0 && error.message.length < 2_000);
  assert.ok(error.faults.length > 0);
  for (const fault of error.faults) {
    assert.match(fault.pointer, /^(\/[^/]*)*$/s);
    assert.ok(RULES.has(fault.rule), fault.rule);
    assert.ok(fault.message.length > 0 && fault.message.length <= 1_000);
    const shown = typeof fault.value === 'string' ? fault.value : (JSON.stringify(fault.value) ?? '');
    assert.ok(shown.length <= 200, shown);
  }
}

/** Whatever is taken must be fit for storing, and be taken again as the same. */
function checkTaken(sent: unknown, installation: RequestSettings): void {
  const { request, pipelineId, warnings } = validateRequest(sent, installation);
  assert.match(pipelineId, /^[a-z0-9]+(-+[a-z0-9]+)*$/);
  assert.ok(pipelineId.length <= 14 + 1 + 40 + 1 + 30);
  const stored = JSON.parse(JSON.stringify(request)) as typeof request;
  assert.deepEqual(stored, request);
  const again = validateRequest(stored, installation);
  assert.deepEqual(again.request, request);
  assert.equal(requestDigest(again.request), requestDigest(request));
  assert.ok(Array.isArray(warnings));
}

function check(sent: unknown, installation: RequestSettings): void {
  try {
    checkTaken(sent, installation);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    checkRefusal(error);
  }
}

/** Of each kind of fault and warning at least two. */
const MUCH_WRONG = {
  training_data: 's3://x',
  image_tag: '_',
  job_objective: 'x',
  data_capture_location: 's3://my-bucket/p',
  nonsense: 1,
  absurdity: 2,
  algo_hyperparameters: {},
  hyperparameters_ranges: {},
};

describe('any JSON', () => {
  it('is taken or refused with faults, never anything else', () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: CODE_POINT, maxDepth: 8 }).map(plain), settings, check), {
      numRuns: 500,
    });
  });

  it('with a pipeline type is taken or refused with faults, never anything else', () => {
    const bodies = fc
      .tuple(type, fc.array(fc.tuple(key, value), { maxLength: 30 }))
      .map(([pipeline_type, entries]) => ({ ...Object.fromEntries(entries), pipeline_type }));
    fc.assert(fc.property(bodies, settings, check), { numRuns: 1_000 });
  });

  it('in one place of a good request is taken or refused with faults, never anything else', () => {
    fc.assert(
      fc.property(type, key, value, settings, (one, changed, to, installation) => {
        check({ ...body(one, {}, installation), [changed]: to }, installation);
      }),
      { numRuns: 2_000 },
    );
  });

  it('in an object of a good request is taken or refused with faults, never anything else', () => {
    const objects = fc.constantFrom<[PipelineType, string]>(
      ['model_tuner_builtin', 'tuner_configs'],
      ['model_tuner_builtin', 'hyperparamaters_ranges'],
      ['model_tuner_builtin', 'algo_hyperparamaters'],
      ['byom_model_bias_monitor', 'bias_config'],
      ['byom_model_bias_monitor', 'model_predicted_label_config'],
      ['byom_model_explainability_monitor', 'shap_config'],
    );
    fc.assert(
      fc.property(
        objects,
        fc.context(),
        value,
        fc.nat(),
        settings,
        ([one, outer], context, to, place, installation) => {
          const good = body(one, {}, installation)[outer] as Record<string, unknown>;
          const inner = Object.keys(good)[place % Object.keys(good).length]!;
          context.log(inner);
          check({ ...body(one, {}, installation), [outer]: { ...good, [inner]: to } }, installation);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('with the keys in another order gives an equal answer', () => {
    const shuffled = type.chain((one) =>
      fc.shuffledSubarray(Object.entries(body(one, MUCH_WRONG)), {
        minLength: 3,
      }),
    );
    const answer = (entries: [string, unknown][], installation: RequestSettings): unknown => {
      try {
        return validateRequest(Object.fromEntries(entries), installation);
      } catch (error) {
        return error instanceof RequestInvalid ? { message: error.message, faults: error.faults } : error;
      }
    };
    fc.assert(
      fc.property(shuffled, settings, (entries, installation) => {
        const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
        assert.deepEqual(answer(entries, installation), answer(sorted, installation));
      }),
      { numRuns: 300 },
    );
  });

  it('is answered quickly, however large', () => {
    const bodies = [
      body('model_training_builtin', { algo_hyperparamaters: { a: 'x'.repeat(1_000_000) } }),
      body('byom_realtime_builtin', { model_name: '-'.repeat(1_000_000) }),
      body('byom_realtime_builtin', { model_name: 'a-'.repeat(500_000) }),
      body('byom_realtime_builtin', { data_capture_location: `${'a.'.repeat(500_000)}/` }),
      body('byom_image_builder', { ecr_repo_name: 'a-'.repeat(500_000) }),
      body('byom_realtime_custom', {
        custom_image_uri: `111111111111.dkr.ecr.us-east-1.amazonaws.com/${'a-'.repeat(500_000)}_`,
      }),
      body('byom_image_builder', Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, 1]))),
      body('model_training_builtin', { attribute_names: Array(200_000).fill(1) }),
      body('model_training_builtin', { attribute_names: JSON.stringify(Array(200_000).fill(1)) }),
      body('model_training_builtin', { attribute_names: Array(49_000).fill(1) }),
      body('model_tuner_builtin', { tuner_configs: JSON.stringify({ metric_definitions: Array(200_000).fill(1) }) }),
      body('model_training_builtin', { algo_hyperparamaters: '{"a":'.repeat(100_000) }),
    ];
    for (const sent of bodies) {
      const start = performance.now();
      check(sent, INSTALLATIONS.SINGLE);
      const elapsed = performance.now() - start;
      assert.ok(elapsed < 3_000, `${elapsed} ms for ${JSON.stringify(sent).slice(0, 120)}`);
    }
  });

  it('does not change what a type publishes', () => {
    const before = JSON.stringify(describePipelineType('model_tuner_builtin', INSTALLATIONS.MULTI));
    check(body('model_tuner_builtin', { __proto__: { a: 1 }, tuner_configs: '{}' }), INSTALLATIONS.MULTI);
    assert.equal(JSON.stringify(describePipelineType('model_tuner_builtin', INSTALLATIONS.MULTI)), before);
  });
});
