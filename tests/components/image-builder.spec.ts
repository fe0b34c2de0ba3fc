/** What the stack of an image builder is made of. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { BlueprintContext } from '../../blueprints/blueprint.ts';
import { NAME_LIMIT } from '../../blueprints/image-builder/component.ts';
import { imageBuilder } from '../../blueprints/image-builder/index.ts';
import { program } from '../../blueprints/image-builder/program.ts';
import type { Registered } from '../../blueprints/testing.ts';
import { ACCOUNT, RANDOM, REGION, run } from '../../blueprints/testing.ts';

const NAME = 'mlops-pipeline-my-model-name-postfix';
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:notifications`;
const IMAGE = `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/my-algorithms:my-tag`;

const built = (changes: Record<string, unknown> = {}, context: Partial<BlueprintContext> = {}) =>
  run(program, { ...imageBuilder.example, ...changes }, context);
const summary = ({ type, name }: Registered) => `${type.split(':').at(-1)} ${name}`;
const json = (value: unknown): unknown => JSON.parse(String(value));

const RESOURCES = [
  `Bucket ${NAME}-artifacts`,
  `BucketLifecycleConfiguration ${NAME}-artifacts-expiry`,
  `BucketPolicy ${NAME}-artifacts-policy`,
  `BucketPublicAccessBlock ${NAME}-artifacts-access`,
  `BucketServerSideEncryptionConfiguration ${NAME}-artifacts-encryption`,
  `EventRule ${NAME}-source`,
  `EventTarget ${NAME}-source-start`,
  `LogGroup ${NAME}-build-log`,
  `Pipeline ${NAME}-pipeline`,
  `Project ${NAME}-build`,
  `Role ${NAME}-build-role`,
  `Role ${NAME}-pipeline-role`,
  `Role ${NAME}-start-role`,
  `RolePolicy ${NAME}-build-policy`,
  `RolePolicy ${NAME}-pipeline-policy`,
  `RolePolicy ${NAME}-start-policy`,
];

describe('the image builder component', () => {
  it('makes exactly these resources, all of them its children, with the provider of the environment', async () => {
    const { resources } = await built();
    const component = resources.filter((one) => one.type.startsWith('mlops:'));
    const children = resources.filter((one) => one.type.startsWith('aws:'));
    assert.deepEqual(
      component.map(({ type, name }) => [type, name]),
      [['mlops:image-builder:ImageBuilder', NAME]],
    );
    assert.deepEqual(children.map(summary).sort(), RESOURCES);
    assert.deepEqual(new Set(children.map((one) => one.parent)), new Set([NAME]));
    assert.deepEqual(new Set(children.map((one) => one.provider)), new Set(['place']));
  });

  it('gives the stack its outputs, the names of the original among them', async () => {
    const { outputs } = await built();
    const url = `https://${REGION}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${NAME}-pipeline-${RANDOM}/view`;
    const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${NAME}-${name}-role-${RANDOM}`;
    assert.deepEqual(outputs, {
      imageUri: IMAGE,
      pipelineName: `${NAME}-pipeline-${RANDOM}`,
      pipelineUrl: url,
      projectName: `${NAME}-build-${RANDOM}`,
      buildRoleArn: role('build'),
      pipelineRoleArn: role('pipeline'),
      startRoleArn: role('start'),
      Pipelines: url,
      CustomAlgorithmImageURI: IMAGE,
    });
    assert.deepEqual(
      imageBuilder.keyOutputs?.filter((key) => !(key in outputs)),
      [],
    );
  });

  it('takes registry and console of the partition', async () => {
    const { outputs } = await run(
      program,
      imageBuilder.example,
      { region: 'cn-north-1' },
      { getPartition: () => ({ partition: 'aws-cn', dnsSuffix: 'amazonaws.com.cn' }) },
    );
    assert.equal(outputs.imageUri, `${ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn/my-algorithms:my-tag`);
    assert.match(String(outputs.pipelineUrl), /^https:\/\/cn-north-1\.console\.amazonaws\.cn\/codesuite\//);
  });

  describe('the pipeline', () => {
    it('passes one key of the assets bucket to the build, triggered by events instead of polling', async () => {
      const pipeline = (await built()).find('Pipeline');
      assert.equal(pipeline.inputs.pipelineType, 'V2');
      assert.equal(pipeline.inputs.roleArn, `arn:aws:iam::${ACCOUNT}:role/${NAME}-pipeline-role-${RANDOM}`);
      assert.deepEqual(pipeline.inputs.stages, [
        {
          name: 'Source',
          actions: [
            {
              name: 'S3Source',
              category: 'Source',
              owner: 'AWS',
              provider: 'S3',
              version: '1',
              outputArtifacts: ['source'],
              configuration: {
                S3Bucket: 'assets-bucket',
                S3ObjectKey: 'path/to/custom_image.zip',
                PollForSourceChanges: 'false',
              },
            },
          ],
        },
        {
          name: 'Build',
          actions: [
            {
              name: 'CodeBuild',
              category: 'Build',
              owner: 'AWS',
              provider: 'CodeBuild',
              version: '1',
              inputArtifacts: ['source'],
              namespace: 'Build',
              configuration: {
                ProjectName: `${NAME}-build-${RANDOM}`,
                EnvironmentVariables: JSON.stringify([{ name: 'IMAGE_URI', value: IMAGE }]),
              },
            },
          ],
        },
      ]);
    });

    it('is replaced if its stages change, the new one before the old one is deleted', async () => {
      const pipeline = (await built()).find('Pipeline');
      assert.deepEqual(pipeline.replaceOnChanges, ['stages']);
      assert.notEqual(pipeline.deleteBeforeReplace, true);
      assert.equal('name' in pipeline.inputs, false, 'a fixed name would be taken by the old one');
    });

    it('has other stages for another zip, repository or tag, and the same for the same', async () => {
      const stages = async (changes: Record<string, unknown>) =>
        JSON.stringify((await built(changes)).find('Pipeline').inputs.stages);
      const all = [
        await stages({}),
        await stages({ custom_algorithm_docker: 'path/to/other.zip' }),
        await stages({ ecr_repo_name: 'other' }),
        await stages({ image_tag: 'other' }),
      ];
      assert.equal(new Set(all).size, all.length);
      assert.equal(await stages({}), all[0]);
    });

    it('starts, as a new one does, only when it may do what it must and its bucket is closed', async () => {
      const pipeline = (await built()).find('Pipeline');
      for (const name of [
        `${NAME}-pipeline-policy`,
        `${NAME}-artifacts-access`,
        `${NAME}-artifacts-encryption`,
        `${NAME}-artifacts-policy`,
        `${NAME}-build`,
      ]) {
        assert.ok(pipeline.dependencies.includes(name), `${name} in ${pipeline.dependencies.join(', ')}`);
      }
      assert.deepEqual(pipeline.references.artifactStores, [`${NAME}-artifacts`]);
    });
  });

  describe('the build', () => {
    it('has Docker, the log group of its own, and takes its source from the pipeline', async () => {
      const made = await built();
      const { inputs, dependencies } = made.find('Project');
      assert.deepEqual(inputs.environment, {
        type: 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_SMALL',
        image: 'aws/codebuild/standard:7.0',
        privilegedMode: true,
        environmentVariables: [{ name: 'REGISTRY', value: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com` }],
      });
      assert.deepEqual(inputs.artifacts, { type: 'CODEPIPELINE' });
      assert.equal((inputs.source as { type: string }).type, 'CODEPIPELINE');
      assert.deepEqual(inputs.logsConfig, { cloudwatchLogs: { groupName: `${NAME}-build-log-${RANDOM}` } });
      assert.equal(inputs.serviceRole, `arn:aws:iam::${ACCOUNT}:role/${NAME}-build-role-${RANDOM}`);
      assert.ok(dependencies.includes(`${NAME}-build-policy`));
      assert.equal(made.find('LogGroup').inputs.retentionInDays, 30);
    });

    it('stops what hangs', async () => {
      assert.equal((await built()).find('Project').inputs.buildTimeout, 60);
    });
  });

  describe('the artifact bucket', () => {
    it('goes with the stack, has no name that somebody may have, and forgets what is old', async () => {
      const made = await built();
      assert.deepEqual(made.find('Bucket').inputs, { forceDestroy: true });
      assert.deepEqual(made.find('BucketLifecycleConfiguration').inputs.rules, [
        {
          id: 'expire',
          status: 'Enabled',
          filter: { prefix: '' },
          expiration: { days: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ]);
    });

    it('is closed to the public and to calls without TLS, one after the other, and encrypted', async () => {
      const made = await built();
      const { bucket: _, ...closed } = made.find('BucketPublicAccessBlock').inputs;
      assert.deepEqual(closed, {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      const policy = made.find('BucketPolicy');
      const { Statement } = json(policy.inputs.policy) as { Statement: Record<string, unknown>[] };
      const arn = `arn:aws:unknown:::${NAME}-artifacts-${RANDOM}`;
      assert.deepEqual(Statement, [
        {
          Sid: 'OverTlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:*',
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ]);
      assert.ok(policy.dependencies.includes(`${NAME}-artifacts-access`));
      assert.deepEqual(made.find('BucketServerSideEncryptionConfiguration').inputs.rules, [
        { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } },
      ]);
    });
  });

  describe('a new zip', () => {
    it('of exactly that key of exactly that bucket starts the pipeline', async () => {
      const made = await built();
      assert.deepEqual(json(made.find('EventRule').inputs.eventPattern), {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: ['assets-bucket'] }, object: { key: ['path/to/custom_image.zip'] } },
      });
      const target = made.find('EventTarget');
      assert.equal(target.inputs.rule, `${NAME}-source-${RANDOM}`);
      assert.equal(target.inputs.roleArn, `arn:aws:iam::${ACCOUNT}:role/${NAME}-start-role-${RANDOM}`);
      assert.deepEqual(target.references.arn, [`${NAME}-pipeline`]);
      assert.ok(target.dependencies.includes(`${NAME}-start-policy`));
    });

    it('has a rule even where the key is as long as S3 takes', async () => {
      const key = `${'k'.repeat(1020)}.zip`;
      const { description } = (await built({ custom_algorithm_docker: key })).find('EventRule').inputs;
      assert.ok(String(description).length <= 512);
    });
  });

  describe('notifications', () => {
    it('tell the topic how executions of this pipeline end', async () => {
      const { resources, find } = await built({}, { notificationsTopicArn: TOPIC });
      assert.deepEqual(
        resources
          .filter((one) => one.type.startsWith('aws:'))
          .map(summary)
          .sort(),
        [...RESOURCES, `EventRule ${NAME}-pipeline-change`, `EventTarget ${NAME}-pipeline-notice`].sort(),
      );
      assert.deepEqual(json(find('EventRule', `${NAME}-pipeline-change`).inputs.eventPattern), {
        source: ['aws.codepipeline'],
        'detail-type': ['CodePipeline Pipeline Execution State Change'],
        detail: { pipeline: [`${NAME}-pipeline-${RANDOM}`], state: ['SUCCEEDED', 'FAILED'] },
      });
      const { inputs } = find('EventTarget', `${NAME}-pipeline-notice`);
      assert.equal(inputs.arn, TOPIC);
      assert.deepEqual(inputs.inputTransformer, {
        inputPaths: { name: '$.detail.pipeline', status: '$.detail.state' },
        inputTemplate: '"Image pipeline <name> is now: <status>."',
      });
    });

    for (const [where, topic] of [
      ['region', `arn:aws:sns:eu-west-1:${ACCOUNT}:notifications`],
      ['account', `arn:aws:sns:${REGION}:222222222222:notifications`],
    ]) {
      it(`are not made for a topic of another ${where}`, async () => {
        const { resources } = await built({}, { notificationsTopicArn: topic ?? '' });
        assert.deepEqual(
          resources
            .filter((one) => one.type.startsWith('aws:'))
            .map(summary)
            .sort(),
          RESOURCES,
        );
      });
    }
  });

  it('bounds every role where a boundary is given, and none where not', async () => {
    const boundary = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
    const bounds = async (context: Partial<BlueprintContext>) =>
      (await built({}, context)).resources
        .filter(({ type }) => type.endsWith(':Role'))
        .map(({ inputs }) => inputs.permissionsBoundary);
    assert.deepEqual(await bounds({ permissionsBoundaryArn: boundary }), [boundary, boundary, boundary]);
    assert.deepEqual(await bounds({}), [undefined, undefined, undefined]);
  });

  it('keeps every name within the limits of its service, however long the id of the pipeline', async () => {
    const limits: Record<string, number> = { Bucket: 63, EventRule: 64, Role: 64, Pipeline: 100, Project: 150 };
    const { resources } = await built(
      {},
      { pipelineId: `mlops-pipeline-release-${'2030-01-01-'.repeat(5)}x`, notificationsTopicArn: TOPIC },
    );
    const tried = new Set<string>();
    for (const { type, name } of resources) {
      const kind = type.split(':').at(-1) ?? '';
      if (!(kind in limits)) continue;
      tried.add(kind);
      assert.ok(`${name}-${RANDOM}`.length <= (limits[kind] ?? 0), `${kind} ${name}`);
      assert.match(name, /^[a-z0-9][a-z0-9-]*[a-z0-9]$/);
    }
    assert.deepEqual([...tried].sort(), Object.keys(limits).sort());
    const component = resources.find(({ type }) => type.startsWith('mlops:'));
    assert.equal(component?.name.length, NAME_LIMIT);
  });
});
