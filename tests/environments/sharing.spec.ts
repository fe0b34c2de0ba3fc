/** What the orchestrator's account shares, with whom, and with no one else. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ResourceStatement } from '../../infra/environment/sharing.ts';
import {
  resourcePolicy,
  shareBucket,
  shareKey,
  shareModelPackageGroup,
  shareRepository,
} from '../../infra/environment/sharing.ts';
import { PLACE } from './accounts.ts';
import type { Call, Document } from './simulator.ts';
import { decide } from './simulator.ts';

const { accountId, region } = PLACE;
const DEV = '222222222222';
const PROD = '444444444444';
const STRANGER = '555555555555';
const ACCOUNTS = [PROD, DEV];

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${accountId}:${resource}`;
const GROUP = arn('sagemaker', 'model-package-group/my-group');
const PACKAGE = arn('sagemaker', 'model-package/my-group/1');
const KEY = arn('kms', 'key/1');
const THROUGH_S3 = { 'kms:ViaService': `s3.${region}.amazonaws.com` };

const SHARED: Record<string, { statements: ResourceStatement[]; may: Call[]; mayNot: Call[] }> = {
  'the assets bucket': {
    statements: shareBucket(PLACE, 'assets', ACCOUNTS),
    may: [
      ['s3:GetObject', 'arn:aws:s3:::assets/path/to/model.tar.gz'],
      ['s3:ListBucket', 'arn:aws:s3:::assets'],
    ],
    mayNot: [
      ['s3:PutObject', 'arn:aws:s3:::assets/path/to/model.tar.gz'],
      ['s3:DeleteObject', 'arn:aws:s3:::assets/path/to/model.tar.gz'],
      ['s3:GetBucketPolicy', 'arn:aws:s3:::assets'],
      ['s3:PutBucketPolicy', 'arn:aws:s3:::assets'],
    ],
  },
  'the repository': {
    statements: shareRepository(PLACE, ACCOUNTS),
    may: ['BatchGetImage', 'GetDownloadUrlForLayer', 'BatchCheckLayerAvailability', 'DescribeImages'].map(
      (action): Call => [`ecr:${action}`, arn('ecr', 'repository/algorithms')],
    ),
    mayNot: ['PutImage', 'BatchDeleteImage', 'SetRepositoryPolicy', 'DeleteRepository'].map((action): Call => [
      `ecr:${action}`,
      arn('ecr', 'repository/algorithms'),
    ]),
  },
  'the model package group': {
    statements: shareModelPackageGroup(PLACE, 'my-group', ACCOUNTS),
    may: [
      ['sagemaker:DescribeModelPackageGroup', GROUP],
      ['sagemaker:DescribeModelPackage', PACKAGE],
    ],
    mayNot: [
      // Approves a version.
      ['sagemaker:UpdateModelPackage', PACKAGE],
      ['sagemaker:DeleteModelPackage', PACKAGE],
      ['sagemaker:CreateModelPackage', PACKAGE],
      ['sagemaker:DescribeModelPackage', arn('sagemaker', 'model-package/another/1')],
      ['sagemaker:DeleteModelPackageGroup', GROUP],
    ],
  },
  'a key': {
    statements: shareKey(PLACE, ACCOUNTS),
    may: [
      ['kms:Decrypt', KEY, THROUGH_S3],
      ['kms:DescribeKey', KEY],
    ],
    mayNot: [
      ['kms:Decrypt', KEY],
      ['kms:Decrypt', KEY, { 'kms:ViaService': `secretsmanager.${region}.amazonaws.com` }],
      ['kms:Encrypt', KEY, THROUGH_S3],
      ['kms:CreateGrant', KEY],
      ['kms:PutKeyPolicy', KEY],
      ['kms:ScheduleKeyDeletion', KEY],
    ],
  },
};

describe('sharing with environment accounts', () => {
  for (const [what, { statements, may, mayNot }] of Object.entries(SHARED)) {
    const ask = async (account: string, call: Call) => {
      const [service = ''] = call[0].split(':');
      return await decide(
        {
          // Their own side lets them do everything of the service: what is tried is ours.
          identity: [{ Statement: [{ Effect: 'Allow', Action: `${service}:*`, Resource: '*' }] }],
          resource: resourcePolicy(...statements) as Document,
          principal: `arn:aws:iam::${account}:role/mlops-pipeline-x`,
        },
        call,
      );
    };

    for (const call of may) {
      it(`lets them ${call[0]} of ${what}, and no one else`, async () => {
        assert.equal(await ask(DEV, call), 'Allowed');
        assert.equal(await ask(PROD, call), 'Allowed');
        assert.equal(await ask(STRANGER, call), 'ImplicitlyDenied');
      });
    }

    for (const call of mayNot) {
      it(`does not let them ${call[0]} of ${what}${call[2] ? ` with ${JSON.stringify(call[2])}` : ''}`, async () => {
        assert.equal(await ask(DEV, call), 'ImplicitlyDenied');
      });
    }

    it(`names exactly their accounts for ${what}, in the same order however they are listed`, () => {
      for (const { Principal } of statements) {
        assert.deepEqual(Principal, { AWS: [`arn:aws:iam::${DEV}:root`, `arn:aws:iam::${PROD}:root`] });
      }
    });
  }

  it('lets every caller who may describe a package create a model from it', () => {
    const [, versions] = shareModelPackageGroup(PLACE, 'my-group', ACCOUNTS);
    assert.deepEqual(versions?.Action, [
      'sagemaker:CreateModel',
      'sagemaker:DescribeModelPackage',
      'sagemaker:ListModelPackages',
    ]);
  });

  it('makes no policy where there are no environments', () => {
    const all = [
      ...shareBucket(PLACE, 'assets', []),
      ...shareRepository(PLACE, []),
      ...shareModelPackageGroup(PLACE, 'my-group', []),
      ...shareKey(PLACE, []),
    ];
    assert.deepEqual(all, []);
    assert.equal(resourcePolicy(...all), undefined);
  });

  it('speaks the words of other partitions', () => {
    const china = { partition: 'aws-cn', dnsSuffix: 'amazonaws.com.cn', region: 'cn-north-1', accountId };
    const text = JSON.stringify([
      shareBucket(china, 'assets', [DEV]),
      shareRepository(china, [DEV]),
      shareModelPackageGroup(china, 'g', [DEV]),
      shareKey(china, [DEV]),
    ]);
    assert.doesNotMatch(text, /arn:aws:|amazonaws\.com"/);
    assert.match(text, /s3\.cn-north-1\.amazonaws\.com\.cn/);
  });
});
