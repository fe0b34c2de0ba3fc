import assert from 'node:assert/strict';
import { UNKNOWN } from '../../sandbox/provider.ts';
import type { Properties } from '../../sandbox/provider.ts';
import { Account, CONFIG, ENDPOINT, FUNCTION, MODEL, ROLE, trust, variant } from './support.ts';

describe('sandbox AWS: what Check does to the inputs', () => {
  let account: Account;
  beforeEach(async () => {
    const tags = { defaultTags: '{"tags":{"team":"ml","stage":"dev"}}', ignoreTags: '{"keyPrefixes":["aws:"]}' };
    account = await Account.open({}, { region: 'eu-west-1', ...tags });
  });
  afterEach(() => account.remove());

  const checkRole = (name: string, news = {}, olds = {}, seed?: string) =>
    account.check(ROLE, name, { assumeRolePolicy: trust('lambda.amazonaws.com'), ...news }, olds, seed);

  it('names a resource by its logical name and 7 hexadecimal digits, and says so in __defaults', async () => {
    const { inputs } = await checkRole('Demo_role');
    assert.match(String(inputs['name']), /^Demo_role-[0-9a-f]{7}$/);
    assert.deepEqual(inputs['__defaults'], ['name']);
  });

  it('gives equal names for equal seeds, and others for others', async () => {
    const name = async (seed: string) => (await checkRole('role', {}, {}, seed)).inputs['name'];
    assert.equal(await name('one'), await name('one'));
    assert.notEqual(await name('one'), await name('two'));
  });

  it('keeps the name for the life of the resource', async () => {
    const first = (await checkRole('role')).inputs;
    const second = (await checkRole('role', {}, first, 'another seed')).inputs;
    assert.equal(second['name'], first['name']);
    assert.deepEqual(second['__defaults'], ['name']);
  });

  it('chooses a new name when the user takes an explicit one away', async () => {
    const olds = (await checkRole('role', { name: 'mine' })).inputs;
    assert.deepEqual(olds['__defaults'], []);
    assert.match(String((await checkRole('role', {}, olds)).inputs['name']), /^role-[0-9a-f]{7}$/);
  });

  it('leaves the name alone when a prefix is given', async () => {
    const { inputs } = await checkRole('role', { namePrefix: 'mine-' });
    assert.equal(inputs['name'], undefined);
    const made = await account.create(ROLE, 'role', {
      assumeRolePolicy: trust('x.amazonaws.com'),
      namePrefix: 'mine-',
    });
    assert.match(made.id, /^mine-[0-9a-f]{26}$/);
  });

  it('refuses a logical name that is too long for a name, without cutting it', async () => {
    const { failures } = await checkRole('r'.repeat(57));
    assert.deepEqual(
      failures.map(({ reason }) => reason),
      [`name '${'r'.repeat(57)}-' plus 7 random chars is longer than maximum length 64`],
    );
    assert.deepEqual((await checkRole('r'.repeat(56))).failures, []);
  });

  it('lower-cases bucket names, prefixes aliases, suffixes FIFO topics, and takes object keys as they are', async () => {
    const nameOf = async (type: string, property: string, news = {}) =>
      String((await account.check(type, 'My-Thing', news)).inputs[property]);
    assert.match(await nameOf('aws:s3/bucket:Bucket', 'bucket'), /^my-thing-[0-9a-f]{7}$/);
    assert.match(await nameOf('aws:kms/alias:Alias', 'name', { targetKeyId: 'k' }), /^alias\/My-Thing-[0-9a-f]{7}$/);
    assert.match(await nameOf('aws:sns/topic:Topic', 'name', { fifoTopic: true }), /^My-Thing-[0-9a-f]{7}\.fifo$/);
    assert.equal(await nameOf('aws:s3/bucketObjectv2:BucketObjectv2', 'key', { bucket: 'b' }), 'My-Thing');
    assert.match(await nameOf('aws:lambda/permission:Permission', 'statementId'), /^My-Thing-[0-9a-f]{7}$/);
  });

  it("fills in the provider's region, but not for IAM", async () => {
    const { inputs } = await account.check(ENDPOINT, 'e', { endpointConfigName: 'c' });
    assert.equal(inputs['region'], 'eu-west-1');
    assert.equal((await checkRole('role')).inputs['region'], undefined);
  });

  it('puts default tags under those of the resource, without the ignored ones', async () => {
    const { inputs } = await checkRole('role', { tags: { stage: 'prod', 'aws:internal': 'x' } });
    assert.deepEqual(inputs['tagsAll'], { team: 'ml', stage: 'prod' });
    assert.deepEqual(inputs['tags'], { stage: 'prod', 'aws:internal': 'x' });
  });

  it('takes a policy as an object too, and keeps it as text', async () => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: UNKNOWN } };
    const given = (news: Properties) => account.check(ROLE, 'role', { assumeRolePolicy: news });
    const known = await given({ Version: '2012-10-17', Statement: [{ ...statement, Principal: { Service: 'x' } }] });
    assert.equal(
      known.inputs['assumeRolePolicy'],
      '{"Statement":[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"x"}}],"Version":"2012-10-17"}',
    );
    assert.equal((await given({ Statement: [statement] })).inputs['assumeRolePolicy'], UNKNOWN);
  });

  it('names every missing required input at once', async () => {
    const { failures } = await account.check('aws:lambda/permission:Permission', 'p', {});
    assert.deepEqual(
      failures.map(({ property }) => property),
      ['action', 'function', 'principal'],
    );
    assert.match(failures[0]?.reason ?? '', /The argument "action" is required.*Examine values at 'p\.action'/);
  });

  it('checks ranges, allowed values and patterns, deep in lists too', async () => {
    const variants = [
      variant('m'),
      { ...variant('m'), serverlessConfig: { memorySizeInMb: 1000, maxConcurrency: 500 } },
    ];
    const { failures } = await account.check(CONFIG, 'c', { productionVariants: variants, kmsKeyArn: 'alias/x' });
    assert.deepEqual(
      failures.map(({ property, reason }) => [property, reason.split(',')[0]]),
      [
        [
          'productionVariants',
          'expected productionVariants[1].serverlessConfig.maxConcurrency to be in the range (1 - 200)',
        ],
        ['productionVariants', 'expected productionVariants[1].serverlessConfig.memorySizeInMb to be one of [1024'],
        ['kmsKeyArn', 'expected kmsKeyArn to match regular expression /^arn:/'],
      ],
    );
  });

  it('takes unknown values for required ones, and judges nothing about them', async () => {
    const { failures } = await account.check(MODEL, 'm', {
      executionRoleArn: UNKNOWN,
      primaryContainer: { image: UNKNOWN },
    });
    assert.deepEqual(failures, []);
  });

  it('wants handler and runtime for a zip, and not for an image', async () => {
    const role = 'arn:aws:iam::111111111111:role/r';
    const zip = await account.check(FUNCTION, 'f', { role, s3Bucket: 'b', s3Key: 'k' });
    assert.deepEqual(
      zip.failures.map(({ property }) => property),
      ['handler', 'runtime'],
    );
    const image = await account.check(FUNCTION, 'f', { role, imageUri: 'x', packageType: 'Image' });
    assert.deepEqual(image.failures, []);
  });

  it('refuses the mangled architecture name of the documentation', async () => {
    const { failures } = await account.check(FUNCTION, 'f', {
      role: 'arn:aws:iam::111111111111:role/r',
      imageUri: 'x',
      packageType: 'Image',
      architectures: ['x8664'],
    });
    assert.match(failures[0]?.reason ?? '', /expected architectures\[0\] to be one of \["x86_64","arm64"\], got x8664/);
  });

  it('refuses an unknown type and lists those it has', async () => {
    await assert.rejects(
      account.check('aws:ec2/instance:Instance', 'i', {}),
      /does not simulate aws:ec2\/instance.*aws:iam\/role:Role/,
    );
  });
});
