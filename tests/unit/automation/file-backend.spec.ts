import assert from 'node:assert/strict';
import { withoutSidecars } from '../../../automation/engine/cli.ts';

describe('a file:// backend', () => {
  it('has no attribute files, which a kill can leave empty', () => {
    assert.equal(withoutSidecars('file:///state'), 'file:///state?metadata=skip');
    assert.equal(withoutSidecars('file://~?no_tmp_dir=false'), 'file://~?no_tmp_dir=false&metadata=skip');
  });

  it('is used as configured where that says otherwise, as is any other', () => {
    for (const url of ['file:///state?metadata=skip', 's3://bucket?region=eu-west-1', 'https://api.pulumi.com']) {
      assert.equal(withoutSidecars(url), url);
    }
  });
});
