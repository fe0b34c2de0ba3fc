import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FURTHER_SPECS, NOT_ON_A_CLI, REPRESENTATIVE_SPECS } from '../../scripts/pulumi-specs.ts';
import { sourceFiles } from '../support/source-files.ts';

const FOLDERS = [
  'tests/custom-blueprints',
  'tests/e2e',
  'tests/engine/parity',
  'tests/environments',
  'tests/faults',
  'tests/infra',
  'tests/package',
  'tests/stacks',
  'tests/workflows',
];
/** What a spec calls to have stacks deployed. */
const STARTS_AN_ENGINE =
  /\b(startSandbox|startTestSandbox|startSandboxProcess|startPromotion|Operations\.open|openSandbox|createEngine|new PulumiExecutable)\(/;

describe('specs on a real Pulumi CLI', () => {
  const specs = FOLDERS.flatMap(sourceFiles).filter((file) => file.endsWith('.spec.ts'));
  const listed = [...REPRESENTATIVE_SPECS, ...FURTHER_SPECS, ...Object.keys(NOT_ON_A_CLI)];

  it('are those that start an engine: each runs, or says why it cannot', () => {
    const starting = specs.filter((file) => STARTS_AN_ENGINE.test(readFileSync(file, 'utf8')));
    assert.deepEqual(
      starting.filter((file) => !listed.includes(file)),
      [],
    );
  });

  it('are there, and named once', () => {
    assert.deepEqual(
      listed.filter((file) => !specs.includes(file)),
      [],
    );
    assert.equal(new Set(listed).size, listed.length);
  });
});
