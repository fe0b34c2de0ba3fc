import assert from 'node:assert/strict';
import { NoPythonPackage } from '../support/python-package.ts';
import { instanceTypesText, writtenInstanceTypes } from './instance-types.ts';
import { shapesText, writtenShapes } from './sandbox-shapes.ts';

describe('what is generated from the installed botocore', () => {
  for (const [command, written, generated] of [
    ['sandbox:shapes', writtenShapes, shapesText],
    ['instance-types', writtenInstanceTypes, instanceTypesText],
  ] as const) {
    it(`is up to date: npm run ${command}`, async function () {
      await upToDate(this, written, generated);
    });
  }
});

async function upToDate(test: Mocha.Context, written: () => Promise<string>, generated: () => Promise<string>) {
  test.timeout(300_000);
  try {
    assert.equal(await written(), await generated());
  } catch (error) {
    if (!(error instanceof NoPythonPackage) || process.env.CI) throw error;
    process.stderr.write(`\nSKIPPED: what is generated from botocore. ${error.message}\n\n`);
    test.skip();
  }
}
