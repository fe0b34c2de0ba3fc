import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { MAIN, Operations } from '../support/operations.ts';
import { realtime } from '../support/realtime.ts';

const PACKAGE = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/3';
const settings = { useModelRegistry: true };
const DEV = {
  ...MAIN,
  name: 'dev',
  accountId: '222222222222',
  deploymentRoleArn: 'arn:aws:iam::222222222222:role/mlops-deployment-dev',
} as const;

async function registered(modelName: string, changes: Record<string, unknown> = {}) {
  const { pipeline_type, model_name, data_capture_location, inference_instance } = await realtime(modelName);
  const body = { pipeline_type, model_name, data_capture_location, inference_instance };
  return { ...body, model_package_name: PACKAGE, ...changes };
}

describe('a model package', () => {
  let operations: Operations;
  before(async () => void (operations = await Operations.open()));
  after(() => operations.close());

  it('of the orchestrator account is deployed to another account, whose role may read just that package', async () => {
    const batch = {
      pipeline_type: 'byom_batch_custom',
      model_name: 'abroad',
      inference_instance: 'ml.m5.large',
      batch_inference_data: 'my-bucket/data.csv',
      batch_job_output_location: 'my-bucket/out',
      model_package_name: PACKAGE,
    };
    for (const request of [await registered('abroad'), batch]) {
      const wanted = { request, settings, environment: DEV };
      const result = await operations.run('up', wanted);
      assert.ok(result.ok, JSON.stringify(result));
      const state = await stateOf(operations.home, String(request.pipeline_type).replaceAll('_', '-'), 'abroad');
      const model = state.find(({ type }) => type === 'aws:sagemaker/model:Model');
      assert.deepEqual(model?.inputs.primaryContainer, { modelPackageName: PACKAGE });
      assert.match(String(model?.outputs.arn), /^arn:aws:sagemaker:us-east-1:222222222222:model\//);
      const policies = state.filter(({ type }) => type === 'aws:iam/rolePolicy:RolePolicy');
      const statements = policies.flatMap(
        ({ inputs }) => (JSON.parse(String(inputs.policy)) as { Statement: Record<string, unknown>[] }).Statement,
      );
      const read = statements.filter(({ Action }) => Action === 'sagemaker:DescribeModelPackage');
      assert.deepEqual(
        read.map(({ Resource }) => Resource),
        [PACKAGE],
      );
    }
  });

  it('is refused at every deployment that finds it unapproved, not only at the first', async () => {
    const request = await registered('revoked');
    const first = await operations.run('up', { request, settings });
    assert.ok(first.ok, JSON.stringify(first));
    for (const status of ['PendingManualApproval', 'Rejected']) {
      const sandbox = { SANDBOX_PACKAGES: JSON.stringify({ [PACKAGE]: status }) };
      const refused = await operations.run('up', { request, settings, sandbox });
      assert.ok(!refused.ok);
      assert.equal(refused.error.code, 'PREFLIGHT_FAILED');
      assert.deepEqual(
        refused.error.findings?.map(({ check, subject }) => [check, subject]),
        [['model-package', PACKAGE]],
      );
      assert.match(refused.error.message, new RegExp(`is ${status}`));
      const allowed = { request, settings, sandbox, allowUnapprovedModelPackages: true };
      const taken = await operations.run('up', allowed);
      assert.ok(taken.ok, JSON.stringify(taken));
    }
  });
});

interface Resource {
  type: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

/** The state file of the one stack of a pipeline. */
async function stateOf(home: string, project: string, modelName: string): Promise<Resource[]> {
  const files = await readdir(home, { recursive: true });
  const file = files.find(
    (path) => path.includes(`stacks/${project}/`) && path.includes(modelName) && path.endsWith('.json'),
  );
  assert.ok(file, files.filter((path) => path.includes('stacks')).join());
  const state = JSON.parse(await readFile(`${home}/${file}`, 'utf8')) as {
    checkpoint: { latest: { resources: Resource[] } };
  };
  return state.checkpoint.latest.resources;
}
