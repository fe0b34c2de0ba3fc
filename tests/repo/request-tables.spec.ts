import assert from 'node:assert/strict';
import { requestPages } from '../../scripts/request-tables.ts';

describe('README files of the blueprints', () => {
  it('have the tables that npm run docs makes from the schemas', async () => {
    for (const { file, current, wanted } of await requestPages()) {
      assert.equal(current, wanted, `${file.pathname}: run npm run docs`);
    }
  });
});
