/** What people and the world do in a sequence, and how sequences are made up. */
import fc from 'fast-check';
import { ENVIRONMENTS } from './sequence-story.ts';

type Plain = 'again' | 'settle' | 'approveStale' | 'approveOwn' | 'reject' | 'destroy' | 'expire';

export type Step =
  | { do: 'provision'; variant: number }
  | { do: Plain }
  | { do: 'approve'; everybody: boolean }
  | { do: 'cancel' | 'retry'; which: number }
  | { do: 'rollback'; revision: number }
  | {
      do: 'fault';
      environment: number;
      action: 'up' | 'preview' | 'destroy';
      mode: 'fail' | 'killed' | 'slow';
      times: number;
    }
  | { do: 'drift'; environment: number }
  | { do: 'crash'; during?: 'provision' | 'approve' | 'retry' | 'destroy' };

/** A killed operation is resumed this many times. */
const ATTEMPTS = 3;

/** What may be asked for: instances for all environments, or for each its own. */
export const INSTANCES: readonly unknown[] = [
  'ml.m5.large',
  'ml.m5.xlarge',
  { dev: 'ml.t2.2xlarge', staging: 'ml.m5.large', prod: 'ml.m5.4xlarge' },
];

const variant = fc.nat({ max: INSTANCES.length - 1 });
const environment = fc.nat({ max: ENVIRONMENTS.length - 1 });
const which = fc.nat({ max: 2 });

const plain = (...names: Plain[]): fc.Arbitrary<Step> => fc.constantFrom(...names).map((name) => ({ do: name }));
const provisioning = variant.map((one): Step => ({ do: 'provision', variant: one }));
const approval = fc.boolean().map((everybody): Step => ({ do: 'approve', everybody }));
const cancelling = which.map((one): Step => ({ do: 'cancel', which: one }));
const retrying = which.map((one): Step => ({ do: 'retry', which: one }));
const crashing = fc
  .constantFrom(undefined, 'provision' as const, 'approve' as const, 'retry' as const, 'destroy' as const)
  .map((during): Step => ({ do: 'crash', ...(during ? { during } : {}) }));
const fault: fc.Arbitrary<Step> = fc
  .tuple(
    environment,
    fc.constantFrom('up' as const, 'up' as const, 'preview' as const, 'destroy' as const),
    fc.constantFrom('fail' as const, 'killed' as const, 'slow' as const),
    fc.constantFrom(1, ATTEMPTS),
  )
  .map(([where, action, mode, times]) => ({ do: 'fault', environment: where, action, mode, times }));

/** Anything at any time. */
const single = fc.oneof(
  { weight: 5, arbitrary: provisioning },
  { weight: 6, arbitrary: plain('settle') },
  { weight: 6, arbitrary: approval },
  { weight: 6, arbitrary: plain('again', 'approveStale', 'approveOwn', 'reject', 'destroy') },
  { weight: 3, arbitrary: cancelling },
  { weight: 4, arbitrary: retrying },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 4 }).map((revision): Step => ({ do: 'rollback', revision })) },
  { weight: 3, arbitrary: fault },
  { weight: 1, arbitrary: environment.map((one): Step => ({ do: 'drift', environment: one })) },
  { weight: 1, arbitrary: plain('expire') },
);

const slow = (action: 'up' | 'destroy', where: number): Step => {
  return { do: 'fault', environment: where, action, mode: 'slow', times: 1 };
};
const SETTLE: Step = { do: 'settle' };
const APPROVE: Step = { do: 'approve', everybody: true };

/** What people do on purpose, and what then goes wrong: chance alone would seldom come upon it. */
const chains: fc.Arbitrary<Step[]>[] = [
  // As far as prod.
  fc.constant([SETTLE, APPROVE, SETTLE, APPROVE, SETTLE]),
  // Requested while something else is done, cancelled, and resumed.
  fc
    .tuple(provisioning, provisioning, which)
    .map(([first, second, one]) => [
      slow('up', 0),
      first,
      second,
      { do: 'cancel', which: 0 },
      SETTLE,
      { do: 'retry', which: one },
    ]),
  fc
    .tuple(provisioning, environment, fc.boolean())
    .map(([next, where, isSettled]) => [
      slow('destroy', where),
      { do: 'destroy' },
      next,
      { do: 'cancel', which: 0 },
      ...(isSettled ? [SETTLE] : []),
      { do: 'retry', which: 0 },
      SETTLE,
    ]),
  // An approved deployment that cannot be done, and what comes after it.
  fc
    .tuple(
      fc.constantFrom('killed' as const, 'fail' as const),
      environment,
      fc.oneof(provisioning, retrying),
      cancelling,
    )
    .map(([mode, where, next, cancel]) => [
      SETTLE,
      { do: 'fault', environment: where, action: 'up', mode, times: ATTEMPTS },
      APPROVE,
      SETTLE,
      next,
      SETTLE,
      APPROVE,
      SETTLE,
      cancel,
      { do: 'retry', which: 1 },
    ]),
  // Cancelled in the middle of a deployment, and asked for again at once.
  fc
    .tuple(environment, fc.oneof(plain('again', 'destroy', 'settle'), provisioning))
    .map(([where, next]) => [SETTLE, slow('up', where), APPROVE, { do: 'cancel', which: 0 }, next, SETTLE]),
];
/** The service dies over a deployment, with another one in the queue. A crash costs all sequences a second. */
const dying = fc
  .tuple(environment, provisioning, fc.option(provisioning, { nil: SETTLE }), crashing)
  .map(([where, first, second, crash]): Step[] => [slow('up', where), first, second, crash, SETTLE, APPROVE]);

export const sequence: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 60, arbitrary: single.map((one) => [one]) },
      ...chains.map((arbitrary) => ({ weight: 8, arbitrary })),
      { weight: 2, arbitrary: dying },
      { weight: 1, arbitrary: crashing.map((one) => [one]) },
    ),
    { minLength: 2, maxLength: 7, size: 'max' },
  )
  .map((parts) => parts.flat());
