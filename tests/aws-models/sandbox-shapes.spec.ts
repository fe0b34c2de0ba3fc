import assert from 'node:assert/strict';
import { NoPythonPackage } from '../support/python-package.ts';
import { shapesText, writtenShapes } from './sandbox-shapes.ts';

describe('the shapes that the sandbox AWS checks requests against', () => {
  it('are those of the installed botocore (npm run sandbox:shapes)', async function () {
    this.timeout(300_000);
    try {
      assert.equal(await writtenShapes(), await shapesText());
    } catch (error) {
      if (!(error instanceof NoPythonPackage) || process.env.CI) throw error;
      process.stderr.write(`\nSKIPPED: shapes of the sandbox AWS. ${error.message}\n\n`);
      this.skip();
    }
  });
});
