/** What the specs of requests share: installations, bodies to start from, and short ways to ask. */
import assert from 'node:assert/strict';
import type { Fault } from '../../../blueprints/faults.ts';
import { RequestInvalid } from '../../../blueprints/faults.ts';
import { exampleFor, requireBlueprint } from '../../../blueprints/registry.ts';
import type { RequestSettings, ValidRequest } from '../../../blueprints/request/request.ts';
import { validateRequest } from '../../../blueprints/request/request.ts';

export type Body = Record<string, unknown>;

export const SINGLE: RequestSettings = {
  useModelRegistry: false,
  multiAccount: false,
  pipelinePrefix: 'mlops-pipeline',
};
export const MULTI: RequestSettings = { ...SINGLE, multiAccount: true };
export const REGISTRY: RequestSettings = { ...SINGLE, useModelRegistry: true };
export const INSTALLATIONS = { SINGLE, MULTI, REGISTRY, both: { ...MULTI, useModelRegistry: true } };

/** The type's example with some keys changed; `undefined` takes a key away. */
export function body(type: string, changes: Body = {}, settings: RequestSettings = SINGLE): Body {
  return Object.fromEntries(
    Object.entries({ ...exampleFor(requireBlueprint(type), settings), ...changes }).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

export function accepted(sent: unknown, settings: RequestSettings = SINGLE): ValidRequest {
  try {
    return validateRequest(sent, settings);
  } catch (error) {
    assert.fail(`refused: ${JSON.stringify((error as RequestInvalid).faults ?? error)}`);
  }
}

export function refused(sent: unknown, settings: RequestSettings = SINGLE): RequestInvalid {
  try {
    validateRequest(sent, settings);
  } catch (error) {
    assert.ok(error instanceof RequestInvalid, String(error));
    return error;
  }
  return assert.fail(`taken: ${JSON.stringify(sent)}`);
}

/** The one fault that a body has. */
export function onlyFault(sent: unknown, settings: RequestSettings = SINGLE): Fault {
  const { faults } = refused(sent, settings);
  assert.equal(faults.length, 1, JSON.stringify(faults));
  return faults[0]!;
}

/** `pointer rule` of every fault, sorted. */
export function places(sent: unknown, settings: RequestSettings = SINGLE): string[] {
  return refused(sent, settings)
    .faults.map(({ pointer, rule }) => `${pointer} ${rule}`)
    .sort();
}
