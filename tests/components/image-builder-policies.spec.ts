/**
 * What the three roles of an image builder may do to the resources that their own stack makes, and may not do to others of
 * the same kind.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import { imageBuilder } from '../../blueprints/image-builder/index.ts';
import { program } from '../../blueprints/image-builder/program.ts';
import type { Call } from './policy-simulator.ts';
import { allows, refuses } from './policy-simulator.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, RANDOM, REGION, run } from '../../blueprints/testing.ts';

const NAME = 'mlops-pipeline-my-model-name-postfix';
const ROLES = ['build', 'pipeline', 'start'] as const;
const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
const ARTIFACTS = `arn:aws:s3:::${NAME}-artifacts-${RANDOM}`;
const PROJECT = arn('codebuild', `project/${NAME}-build-${RANDOM}`);
const PIPELINE = arn('codepipeline', `${NAME}-pipeline-${RANDOM}`);
const REPOSITORY = arn('ecr', 'repository/my-algorithms');
const SOURCE = 'arn:aws:s3:::assets-bucket/path/to/custom_image.zip';
const LOG = `log-group:${NAME}-build-log-${RANDOM}`;

/** ARNs of the mocks → ARNs as AWS writes them, without which a simulator cannot tell a bucket from a project. */
const PLACED: readonly [string, string][] = [
  [`arn:aws:unknown:::${NAME}-artifacts-${RANDOM}`, ARTIFACTS],
  [`arn:aws:unknown:::${NAME}-build-${RANDOM}`, PROJECT],
  [`arn:aws:unknown:::${NAME}-pipeline-${RANDOM}`, PIPELINE],
];

function placed(made: Run): Run {
  return {
    ...made,
    find: (type, name) => {
      const found = made.find(type, name);
      if (type !== 'RolePolicy') return found;
      const policy = PLACED.reduce((text, [from, to]) => text.replaceAll(from, to), String(found.inputs.policy));
      assert.doesNotMatch(policy, /arn:aws:unknown/);
      return { ...found, inputs: { ...found.inputs, policy } };
    },
  };
}

function stackOf(changes: Record<string, unknown> = {}): () => Run {
  let made: Run | undefined;
  before(async () => {
    made = placed(await run(program, { ...imageBuilder.example, ...changes }));
  });
  return () => {
    assert.ok(made);
    return made;
  };
}

/** None of the three roles has any business with these. */
const NEVER: readonly Call[] = [
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/${NAME}-build-role-${RANDOM}`],
  ['iam:CreateRole', `arn:aws:iam::${ACCOUNT}:role/any`],
  ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/any`],
  ['s3:PutObject', SOURCE],
  ['s3:DeleteObject', SOURCE],
  ['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/custom_image.zip.bak'],
  ['s3:GetObject', 'arn:aws:s3:::another-bucket/path/to/custom_image.zip'],
  ['s3:GetObject', `${ARTIFACTS}-2/source.zip`],
  ['s3:DeleteObject', `${ARTIFACTS}/source.zip`],
  ['s3:PutBucketPolicy', ARTIFACTS],
  ['ecr:PutImage', arn('ecr', 'repository/my-algorithms-2')],
  ['ecr:PutImage', arn('ecr', 'repository/my-algorithms', '222222222222')],
  ['ecr:SetRepositoryPolicy', REPOSITORY],
  ['ecr:DeleteRepository', REPOSITORY],
  ['ecr:CreateRepository', arn('ecr', 'repository/new')],
  ['codebuild:UpdateProject', PROJECT],
  ['codepipeline:UpdatePipeline', PIPELINE],
  ['codepipeline:StartPipelineExecution', `${PIPELINE}-2`],
  ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-abcdef')],
  ['kms:Decrypt', arn('kms', 'key/12345678-1234-1234-1234-123456789012')],
];

describe('the policies of an image builder', () => {
  describe('build role', () => {
    const made = stackOf();
    allows(made, `${NAME}-build`, [
      ['s3:GetObject', `${ARTIFACTS}/my-pipeline/source/abc`],
      ['s3:GetObjectVersion', `${ARTIFACTS}/my-pipeline/source/abc`],
      ['logs:CreateLogStream', arn('logs', `${LOG}:log-stream:a`)],
      ['logs:PutLogEvents', arn('logs', `${LOG}:log-stream:a`)],
      ['ecr:GetAuthorizationToken', '*'],
      ...(
        [
          'BatchCheckLayerAvailability',
          'BatchGetImage',
          'CompleteLayerUpload',
          'GetDownloadUrlForLayer',
          'InitiateLayerUpload',
          'PutImage',
          'UploadLayerPart',
        ] as const
      ).map((action): Call => [`ecr:${action}`, REPOSITORY]),
    ]);
    refuses(made, `${NAME}-build`, [
      ...NEVER,
      ['s3:GetObject', SOURCE],
      ['s3:PutObject', `${ARTIFACTS}/my-pipeline/source/abc`],
      ['s3:ListBucket', ARTIFACTS],
      ['logs:CreateLogGroup', arn('logs', LOG)],
      ['logs:PutLogEvents', arn('logs', `${LOG}-2:log-stream:a`)],
      ['logs:GetLogEvents', arn('logs', `${LOG}:log-stream:a`)],
      ['codebuild:StartBuild', PROJECT],
      ['codepipeline:StartPipelineExecution', PIPELINE],
    ]);
  });

  describe('pipeline role', () => {
    const made = stackOf();
    allows(made, `${NAME}-pipeline`, [
      ['s3:GetObject', SOURCE],
      ['s3:GetObjectTagging', SOURCE],
      ['s3:GetObjectVersion', SOURCE],
      ['s3:GetObjectVersionTagging', SOURCE],
      ['s3:GetBucketVersioning', 'arn:aws:s3:::assets-bucket'],
      ['s3:PutObject', `${ARTIFACTS}/my-pipeline/source/abc`],
      ['s3:GetObject', `${ARTIFACTS}/my-pipeline/source/abc`],
      ['s3:GetBucketLocation', ARTIFACTS],
      ['s3:GetBucketVersioning', ARTIFACTS],
      ['s3:GetBucketAcl', ARTIFACTS],
      ['codebuild:StartBuild', PROJECT],
      ['codebuild:BatchGetBuilds', PROJECT],
    ]);
    refuses(made, `${NAME}-pipeline`, [
      ...NEVER,
      ['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/another.zip'],
      ['codebuild:StartBuild', `${PROJECT}-2`],
      ['codepipeline:StartPipelineExecution', PIPELINE],
      ['ecr:PutImage', REPOSITORY],
      ['ecr:GetAuthorizationToken', '*'],
    ]);
  });

  describe('pipeline role with keys that IAM would read as patterns', () => {
    describe('with ? and a variable', () => {
      const made = stackOf({ custom_algorithm_docker: 'a?/${aws:userid}.zip' });
      allows(made, `${NAME}-pipeline`, [['s3:GetObject', 'arn:aws:s3:::assets-bucket/a?/${aws:userid}.zip']]);
      refuses(made, `${NAME}-pipeline`, [['s3:GetObject', 'arn:aws:s3:::assets-bucket/ab/${aws:userid}.zip']]);
    });

    describe('with *', () => {
      const made = stackOf({ custom_algorithm_docker: 'path/to/c*.zip' });
      allows(made, `${NAME}-pipeline`, [['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/c*.zip']]);
      refuses(made, `${NAME}-pipeline`, [['s3:GetObject', 'arn:aws:s3:::assets-bucket/path/to/custom.zip']]);
    });

    describe('with all of them', () => {
      const made = stackOf({ custom_algorithm_docker: 'a?/${aws:userid}*.zip' });
      // Compared as text: the simulator does not match a resource that has `?` and `*` both.
      it('escapes each', () => {
        const { policy } = made().find('RolePolicy', `${NAME}-pipeline-policy`).inputs;
        const { Statement } = JSON.parse(String(policy)) as { Statement: { Sid: string; Resource: string }[] };
        assert.equal(
          Statement.find(({ Sid }) => Sid === 'ReadSource')?.Resource,
          'arn:aws:s3:::assets-bucket/a${?}/${$}{aws:userid}${*}.zip',
        );
      });
    });
  });

  describe('start role', () => {
    const made = stackOf();
    allows(made, `${NAME}-start`, [['codepipeline:StartPipelineExecution', PIPELINE]]);
    refuses(made, `${NAME}-start`, [
      ...NEVER,
      ['codepipeline:StopPipelineExecution', PIPELINE],
      ['codebuild:StartBuild', PROJECT],
      ['s3:GetObject', SOURCE],
    ]);
  });

  describe('trust', () => {
    const made = stackOf();
    const fromHere = { Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } };
    for (const [role, service, condition = fromHere] of [
      ['build', 'codebuild.amazonaws.com'],
      ['pipeline', 'codepipeline.amazonaws.com'],
      // Someone of the account passes this role to the rule; EventBridge does not document that it sends its source.
      ['start', 'events.amazonaws.com', {}],
    ] as const) {
      it(`lets ${service} assume the ${role} role, for this account only where it sends one`, () => {
        const { assumeRolePolicy } = made().find('Role', `${NAME}-${role}-role`).inputs;
        assert.deepEqual((JSON.parse(String(assumeRolePolicy)) as { Statement: unknown }).Statement, [
          {
            Effect: 'Allow',
            Action: 'sts:AssumeRole',
            Principal: { Service: service },
            ...condition,
          },
        ]);
      });
    }
  });

  describe('every statement', () => {
    const made = stackOf();
    it('names its actions in full, and all resources only for the registry’s token', () => {
      const statements = ROLES.flatMap(
        (role) =>
          (
            JSON.parse(String(made().find('RolePolicy', `${NAME}-${role}-policy`).inputs.policy)) as {
              Statement: { Action: string | string[]; Resource: string | string[] }[];
            }
          ).Statement,
      );
      const actions = statements.flatMap((statement) => statement.Action);
      assert.ok(actions.length > 15);
      assert.deepEqual(
        actions.filter((action) => action.includes('*')),
        [],
      );
      assert.deepEqual(
        statements
          .filter((statement) => [statement.Resource].flat().includes('*'))
          .flatMap((statement) => statement.Action),
        ['ecr:GetAuthorizationToken'],
      );
    });
  });
});
