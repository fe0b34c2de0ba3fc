import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { mayEncryptVolume } from '../../blueprints/shared/aws/volume-encryption.ts';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/InstanceStorage.html */
const WITH_LOCAL_STORAGE = [
  ...[
    'm5d.large',
    'm5dn.xlarge',
    'm6gd.large',
    'm6id.large',
    'm6idn.large',
    'm7gd.large',
    'c5d.large',
    'c6gd.xlarge',
    'c6id.large',
  ],
  ...[
    'r5d.large',
    'r5dn.xlarge',
    'r6gd.large',
    'r7gd.large',
    'z1d.large',
    'g4dn.xlarge',
    'g4ad.xlarge',
    'p3dn.24xlarge',
  ],
  ...[
    'p4d.24xlarge',
    'p4de.24xlarge',
    'p5.48xlarge',
    'p5e.48xlarge',
    'p5en.48xlarge',
    'p6-b200.48xlarge',
    'p6e-gb200.36xlarge',
  ],
  ...[
    'g5.xlarge',
    'g6.xlarge',
    'g6e.xlarge',
    'g6f.large',
    'gr6.4xlarge',
    'g7e.2xlarge',
    'trn1.32xlarge',
    'trn1n.32xlarge',
  ],
  ...[
    'trn2.48xlarge',
    'i3.large',
    'i3en.large',
    'i4i.large',
    'i7ie.large',
    'is4gen.large',
    'im4gn.large',
    'd3.xlarge',
    'h1.2xlarge',
  ],
];
const WITHOUT = [
  ...[
    't2.medium',
    't3.large',
    'm4.xlarge',
    'm5.large',
    'm5n.large',
    'm6g.large',
    'm6i.large',
    'm7i.large',
    'c4.large',
    'c5.large',
  ],
  ...[
    'c5n.large',
    'c6g.large',
    'c7i.large',
    'r5.large',
    'r6g.large',
    'r7i.large',
    'p2.xlarge',
    'p3.2xlarge',
    'g5g.xlarge',
  ],
  ...['inf1.xlarge', 'inf2.xlarge'],
];

describe('a key for the storage volume', () => {
  for (const type of WITH_LOCAL_STORAGE) {
    it(`is not asked for on ml.${type}, which has local storage`, () =>
      assert.equal(mayEncryptVolume(`ml.${type}`), false));
  }
  for (const type of WITHOUT) {
    it(`is asked for on ml.${type}`, () => assert.equal(mayEncryptVolume(`ml.${type}`), true));
  }
});
