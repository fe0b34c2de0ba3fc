/** Everything that the twelve types send to AWS, held against AWS' own API models. `AWS_MODEL_REQUESTS=2000` is the nightly form. */
import assert from 'node:assert/strict';
import type * as pulumi from '@pulumi/pulumi';
import { PIPELINE_TYPES } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { JobDefinition } from '../../blueprints/shared/lambda/job-run.ts';
import type { Registered, Run } from '../../blueprints/testing.ts';
import { run } from '../../blueprints/testing.ts';
import { PROGRAMS } from '../environments/programs.ts';
import { BY_PROVIDER, PROVIDER_CALLS, requestOf } from '../../sandbox/aws/api-requests.ts';
import { faultsOf } from '../../sandbox/aws/shape-check.ts';
import type { ServiceModel } from '../support/aws-models.ts';
import { modelsOrSkip } from '../support/models-or-skip.ts';
import { SINGLE } from '../unit/blueprints/requests.ts';
import { validRequests } from './any-request.ts';

/** Names that the provider generates. */
const GENERATED_NAME = /^[^.]+\.\w*[nN]ame: is required$/;
const REQUESTS = Number(process.env.AWS_MODEL_REQUESTS ?? 4);
const SERVICES = ['sagemaker', 'lambda', 'iam', 'events', 'codebuild', 'apigatewayv2', 'application-autoscaling'];

/** Pipeline types → the operation that their function calls, and the member that names the job. */
const JOBS: readonly [RegExp, string, string][] = [
  [/^model_training/, 'CreateTrainingJobRequest', 'TrainingJobName'],
  [/^model_tuner/, 'CreateHyperParameterTuningJobRequest', 'HyperParameterTuningJobName'],
  [/^model_autopilot/, 'CreateAutoMLJobV2Request', 'AutoMLJobName'],
  [/^byom_batch/, 'CreateTransformJobRequest', 'TransformJobName'],
  [/_monitor$/, 'CreateProcessingJobRequest', 'ProcessingJobName'],
];

/** Added by the handlers, which are held against moto in tests/aws: the role, and what belongs to the container of the deployment. */
const BY_HANDLER = /\.(RoleArn|ModelName): is required$/;

describe('requests to AWS, held against its API models', function () {
  this.timeout(600_000);
  let models: Record<string, ServiceModel> = {};

  before(async function () {
    models = await modelsOrSkip(this, SERVICES, 'requests');
  });

  const modelOf = (service: string): ServiceModel => models[service] ?? assert.fail(`no model of ${service}`);

  function resourceFaults({ type, name, inputs }: Registered): string[] {
    const call = PROVIDER_CALLS[type];
    const plain = JSON.parse(JSON.stringify(inputs)) as Record<string, unknown>;
    if (type === 'aws:cloudcontrol/resource:Resource') {
      const [, , kind = ''] = String(plain.typeName).split('::');
      const desired = JSON.parse(String(plain.desiredState)) as Record<string, unknown>;
      return faultsOf(modelOf('sagemaker'), `Create${kind}Request`, desired, name);
    }
    if (!call) return [];
    const model = modelOf(call.service);
    const request = requestOf(model, call, plain);
    return faultsOf(model, call.shape, request, name).filter(
      (fault) => !BY_PROVIDER.test(fault) && !GENERATED_NAME.test(fault),
    );
  }

  async function jobFaults(type: string, made: Run): Promise<string[]> {
    const [, shape, nameKey] = JOBS.find(([pattern]) => pattern.test(type)) ?? [];
    if (!shape || !nameKey) return [];
    const definitions = await Promise.all(made.resources.map(definitionOf));
    const found = definitions.filter((one) => one !== undefined);
    assert.equal(found.length, 1, `${type} makes one job`);
    return found.flatMap(({ request, wholeName, baseName }) =>
      faultsOf(modelOf('sagemaker'), shape, { ...request, [nameKey]: wholeName ?? `${baseName}-1-0a1b2c3d` }).filter(
        (fault) => !BY_HANDLER.test(fault),
      ),
    );
  }

  const allFaults = async (type: string, made: Run): Promise<string[]> => [
    ...made.resources.flatMap(resourceFaults),
    ...(await jobFaults(type, made)),
  ];

  for (const { title, type, make } of PROGRAMS) {
    it(`are as AWS takes them: ${title}`, async () => {
      const made = await make();
      assert.ok(made.resources.some((one) => PROVIDER_CALLS[one.type]));
      assert.deepEqual(await allFaults(type, made), []);
    });
  }

  for (const type of PIPELINE_TYPES) {
    it(`are as AWS takes them whatever valid request is made: ${type}, ${REQUESTS} of them`, async () => {
      const load = (await BLUEPRINTS[type].loadProgram?.()) ?? assert.fail(type);
      const requests = validRequests(type, SINGLE, REQUESTS);
      assert.ok(requests.length >= REQUESTS / 2, `only ${requests.length} valid requests were made`);
      for (const request of requests) {
        const made = await run(load, request);
        assert.deepEqual(await allFaults(type, made), [], JSON.stringify(request));
      }
    });
  }
});

/** `job.json` in the archive of a job's function. */
async function definitionOf({ type, inputs }: Registered): Promise<JobDefinition | undefined> {
  if (type !== 'aws:lambda/function:Function') return undefined;
  const members = (await (inputs.code as pulumi.asset.AssetArchive).assets) as Record<string, pulumi.asset.StringAsset>;
  const text = await members['job.json']?.text;
  return text === undefined ? undefined : (JSON.parse(text) as JobDefinition);
}
