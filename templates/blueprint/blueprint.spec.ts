import assert from 'node:assert/strict';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, it } from 'mocha';
import { run } from 'mlops-workload-orchestrator/testing';
import { handler } from './handler.ts';
import blueprint from './index.ts';
import { program } from './program.ts';

const SINGLE = { useModelRegistry: false, multiAccount: false };

/** Keys that are at fault. */
function faultsOf(request: Record<string, unknown>, settings = SINGLE): unknown[] {
  const { error } = blueprint.schema(settings).validate(request, { abortEarly: false });
  return (error?.details ?? []).map(({ path }) => path.join('.'));
}

describe('requests of sample_blueprint', () => {
  it('are taken as the example is', () => {
    assert.deepEqual(faultsOf(blueprint.example), []);
  });

  it('need a name and an archive', () => {
    assert.deepEqual(faultsOf({ pipeline_type: 'sample_blueprint' }), ['model_name', 'model_artifact_location']);
  });

  it('may differ per stage with several accounts', () => {
    const memory_size = { dev: 128, staging: 256, prod: 512 };
    assert.deepEqual(faultsOf({ ...blueprint.example, memory_size }, { ...SINGLE, multiAccount: true }), []);
    assert.deepEqual(faultsOf({ ...blueprint.example, memory_size }), ['memory_size']);
  });
});

describe('the component SampleBlueprint', () => {
  it('makes a function with the memory that was asked for, which may read its archive only', async () => {
    const { find } = await run(program, { ...blueprint.example, memory_size: 512 });
    assert.equal(find('Function').inputs.memorySize, 512);
    const { Statement: statements } = JSON.parse(String(find('RolePolicy').inputs.policy)) as {
      Statement: { Sid: string; Resource: string }[];
    };
    assert.equal(
      statements.find(({ Sid }) => Sid === 'ReadArchive')?.Resource,
      'arn:aws:s3:::assets-bucket/path/to/model.tar.gz',
    );
  });

  it('bounds its role where the installation has a boundary', async () => {
    const permissionsBoundaryArn = 'arn:aws:iam::111111111111:policy/boundary';
    const { find } = await run(program, { ...blueprint.example }, { permissionsBoundaryArn });
    assert.equal(find('Role').inputs.permissionsBoundary, permissionsBoundaryArn);
  });
});

describe('the handler of sample_blueprint', () => {
  it('tells size and age of the archive', async () => {
    Object.assign(process.env, { AWS_REGION: 'us-east-1', BUCKET: 'assets', KEY: 'model.tar.gz' });
    const s3 = mockClient(S3Client);
    s3.on(HeadObjectCommand, { Bucket: 'assets', Key: 'model.tar.gz' }).resolves({
      ContentLength: 42,
      LastModified: new Date(0),
    });
    assert.deepEqual(await handler(), {
      location: 's3://assets/model.tar.gz',
      bytes: 42,
      lastModified: '1970-01-01T00:00:00.000Z',
    });
  });
});
