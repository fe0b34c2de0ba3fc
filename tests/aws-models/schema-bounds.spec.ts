/** Bounds and enumerations of our schemas, held against AWS' own: none may be wider, and a narrower one has a reason. */
import assert from 'node:assert/strict';
import { INSTANCE_USES } from './instance-types.ts';
import type { Shape } from '../../sandbox/aws/shape-check.ts';
import { GUIDE_INSTANCE_TYPE } from '../../blueprints/shared/aws/instance-types.ts';
import { instanceType } from '../../blueprints/shared/schema/joi-pieces.ts';
import type { ServiceModel } from '../support/aws-models.ts';
import { modelsOrSkip } from '../support/models-or-skip.ts';
import type { Row } from './schema-bounds.ts';
import { OWN, ROWS } from './schema-bounds.ts';
import type { Bounded, Description } from './schema-paths.ts';
import { BOUNDED, enumeration, limit } from './schema-paths.ts';

const SERVICES = ['sagemaker', 'sagemaker-runtime', 'application-autoscaling', 'ecr'];

const rowOf = ({ path, type }: Bounded): Row | undefined =>
  ROWS.find((row) => row.path.test(path) && (row.type?.test(type) ?? true));
const isOwn = ({ path }: Bounded): boolean => OWN.some(([own]) => own.test(path));

describe('schemas, held against AWS’ API models', () => {
  let models: Record<string, ServiceModel> = {};

  before(async function () {
    this.timeout(300_000);
    models = await modelsOrSkip(this, SERVICES, 'schemas');
  });

  function shapeOf(name: string): Shape {
    const [shape = '', service = 'sagemaker'] = name.split(' ').reverse();
    return models[service]?.shapes[shape] ?? assert.fail(`no shape ${name}`);
  }

  it('every bound and every enumeration has its shape, or a reason to have none', () => {
    const without = BOUNDED.filter((one) => !rowOf(one) && !isOwn(one)).map(({ type, path }) => `${type} ${path}`);
    assert.deepEqual(without, []);
    const stale = [
      ...ROWS.filter((row) => !BOUNDED.some((one) => rowOf(one) === row)).map(({ path }) => path.source),
      ...OWN.filter(([own]) => !BOUNDED.some(({ path }) => own.test(path))).map(([own]) => own.source),
    ];
    assert.deepEqual(stale, []);
  });

  for (const row of ROWS) {
    const { path, type, shape: name, narrower } = row;
    const ours = new Map(
      BOUNDED.filter((one) => rowOf(one) === row).map((one) => [JSON.stringify(one.description), one]),
    );
    it(`${path.source}${type ? ` of ${type.source}` : ''}: ${name}${narrower ? ` (narrower: ${narrower})` : ''}`, () => {
      const shape = shapeOf(name);
      const isNarrower = [...ours.values()].map(({ description }) =>
        shape.enum ? compareValues(description, shape.enum) : compareBounds(description, shape),
      );
      assert.equal(
        isNarrower.includes(true),
        narrower !== undefined,
        `${JSON.stringify(shape)}: ${[...ours.keys()].join()}`,
      );
    });
  }

  for (const [use, shape] of Object.entries(INSTANCE_USES)) {
    it(`instance types of ${use}: ${shape}`, () => {
      const schema = instanceType('x', use as keyof typeof INSTANCE_USES);
      const takes = (one: string) => schema.validate(one).error === undefined;
      const theirs = shapeOf(shape).enum ?? [];
      assert.deepEqual(
        theirs.filter((one) => !takes(one)),
        [],
      );
      const others = Object.values(INSTANCE_USES).flatMap((one) => shapeOf(one).enum ?? []);
      assert.deepEqual(
        others.filter((one) => !theirs.includes(one) && one !== GUIDE_INSTANCE_TYPE && takes(one)),
        [],
        'what SageMaker has for something else',
      );
    });
  }
});

/** @returns whether ours leave some out */
function compareValues(description: Description, theirs: readonly string[]): boolean {
  const ours = enumeration(description).map(String);
  assert.deepEqual(
    ours.filter((one) => !theirs.includes(one)),
    [],
    'what AWS does not have',
  );
  return ours.length < theirs.length;
}

/** Numbers between the smallest and the largest; of texts and lists the length. Where ours need be no shorter, AWS' `min` is 0 or 1. */
function compareBounds(description: Description, { type, min = -Infinity, max = Infinity }: Shape): boolean {
  const values = enumeration(description).map(Number);
  if (values.length > 0) {
    assert.ok(
      values.every((one) => one >= min && one <= max),
      values.join(),
    );
    return false;
  }
  const [least, most] = [limit(description, 'min'), limit(description, 'max')];
  const counts = type === 'string' || type === 'blob';
  assert.ok(most !== undefined && most <= max, `${most} is above ${max}`);
  // joi takes no empty text unless it is allowed.
  if (!counts) assert.ok((least ?? 0) >= min, `${least} is below ${min}`);
  return most < max || (!counts && least !== undefined && least > min);
}
