import assert from 'node:assert/strict';
import { FURTHER_SPECS, NOT_ON_A_CLI, REPRESENTATIVE_SPECS } from '../../scripts/pulumi-specs.ts';
import { sourceFiles } from '../support/source-files.ts';

const FOLDERS = [
  'tests/custom-blueprints',
  'tests/e2e',
  'tests/engine/parity',
  'tests/faults',
  'tests/stacks',
  'tests/workflows',
];

describe('specs on a real Pulumi CLI', () => {
  it('are all those that start an engine: each runs, or says why it cannot', () => {
    const specs = FOLDERS.flatMap(sourceFiles).filter((file) => file.endsWith('.spec.ts'));
    const listed = [...REPRESENTATIVE_SPECS, ...FURTHER_SPECS, ...Object.keys(NOT_ON_A_CLI)];
    assert.deepEqual(listed.toSorted(), specs.toSorted());
  });
});
