/** The optional modes of a real-time endpoint: what each adds to the stack, and what it leaves alone. */
import assert from 'node:assert/strict';
import type * as pulumi from '@pulumi/pulumi';
import { describe, it } from 'mocha';
import type { BlueprintContext, BlueprintProgram } from '../../blueprints/blueprint.ts';
import { RealtimeInference } from '../../blueprints/realtime-inference/component.ts';
import { realtimeBuiltin } from '../../blueprints/realtime-inference/index.ts';
import { program } from '../../blueprints/realtime-inference/program.ts';
import { bundleText } from '../../blueprints/shared/lambda/lambda-bundle.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, RANDOM, REGION, run } from '../../blueprints/testing.ts';

const NAME = 'mlops-pipeline-my-model-name-postfix';
const ENDPOINT = 'my-builtin-endpoint';
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:notifications`;

const SCALING = { min_capacity: 2, max_capacity: 6, target_invocations_per_instance: 70.5 };
const SERVERLESS = { memory_size_in_mb: 2048, max_concurrency: 20 };
const ASYNC = { input_location: 'in-bucket/payloads', output_location: 'out-bucket/answers' };
const CANARY = { strategy: 'canary', step_percent: 20, wait_seconds: 60, termination_wait_seconds: 120 };

const made = (
  endpoint?: Record<string, unknown>,
  changes: Record<string, unknown> = {},
  context: Partial<BlueprintContext> = {},
) => run(program, { ...realtimeBuiltin.example, ...(endpoint ? { endpoint } : {}), ...changes }, context);

const config = (of: Run) => of.find('EndpointConfiguration').inputs;
const variant = (of: Run) => (config(of).productionVariants as Record<string, unknown>[])[0];
/** `Type name` of what one stack has and the other has not. */
const more = (one: Run, other: Run) => {
  const all = (of: Run) => of.resources.map(({ type, name }) => `${type.split(':').at(-1)} ${name}`);
  return all(one)
    .filter((each) => !all(other).includes(each))
    .sort();
};

/** Inputs that can be compared: the archive of the function is identified by its text. */
async function comparable(of: Run): Promise<unknown> {
  return Promise.all(
    of.resources.map(async ({ urn, inputs: { code, ...inputs }, dependencies }) => [
      urn,
      inputs,
      dependencies,
      code &&
        (await ((await (code as pulumi.asset.AssetArchive).assets)['index.mjs'] as pulumi.asset.StringAsset).text),
    ]),
  );
}

describe('the modes of a real-time endpoint', () => {
  it('start the first instance of an asynchronous endpoint that may have none', async () => {
    const scaling = { ...SCALING, min_capacity: 0 };
    const [scaled, asleep] = [
      await made({ asynchronous: ASYNC, autoscaling: SCALING }),
      await made({ asynchronous: ASYNC, autoscaling: scaling }),
    ];
    assert.deepEqual(more(asleep, scaled), [`MetricAlarm ${NAME}-wake-up`, `Policy ${NAME}-wake-up-policy`]);
    assert.equal(asleep.find('Target').inputs.minCapacity, 0);
    // SageMaker makes an endpoint with at least one instance.
    assert.equal(variant(asleep)?.initialInstanceCount, 1);
    const policy = asleep.find('Policy', `${NAME}-wake-up-policy`);
    assert.equal(policy.inputs.policyType, 'StepScaling');
    assert.deepEqual(policy.inputs.stepScalingPolicyConfiguration, {
      adjustmentType: 'ChangeInCapacity',
      metricAggregationType: 'Average',
      cooldown: 300,
      stepAdjustments: [{ metricIntervalLowerBound: '0', scalingAdjustment: 1 }],
    });
    const alarm = asleep.find('MetricAlarm');
    assert.equal(alarm.inputs.metricName, 'HasBacklogWithoutCapacity');
    assert.deepEqual(alarm.references.alarmActions, [`${NAME}-wake-up-policy`]);
  });

  it('are off by default: settings without any change nothing at all', async () => {
    const [without, empty] = [await made(), await made({})];
    const sorted = async (of: Run) => ((await comparable(of)) as unknown[]).map((one) => JSON.stringify(one)).sort();
    assert.deepEqual(await sorted(empty), await sorted(without));
    for (const type of ['Target', 'Policy', 'MetricAlarm']) assert.throws(() => without.find(type), /^Error: 0 of/);
    assert.deepEqual(Object.keys(config(without)).sort(), ['dataCaptureConfig', 'productionVariants', 'tags']);
    assert.ok(!('deploymentConfig' in without.find('Endpoint').inputs));
  });

  it('begin with as many instances as asked for', async () => {
    const several = await made({ instance_count: 3 });
    assert.deepEqual(variant(several), {
      variantName: 'AllTraffic',
      modelName: `${NAME}-model-${RANDOM}`,
      instanceType: 'ml.m5.large',
      initialInstanceCount: 3,
      initialVariantWeight: 1,
    });
    assert.deepEqual(more(several, await made()), []);
  });

  describe('autoscaling', () => {
    const KEYS = {
      serviceNamespace: 'sagemaker',
      resourceId: `endpoint/${ENDPOINT}/variant/AllTraffic`,
      scalableDimension: 'sagemaker:variant:DesiredInstanceCount',
    };

    it('begins with the fewest instances, and follows the invocations of each', async () => {
      const scaled = await made({ autoscaling: SCALING });
      assert.equal(variant(scaled)?.initialInstanceCount, 2);
      assert.deepEqual(more(scaled, await made()), [`Policy ${NAME}-scaling-policy`, `Target ${NAME}-scaling-target`]);
      assert.deepEqual(scaled.find('Target').inputs, { ...KEYS, minCapacity: 2, maxCapacity: 6 });
      assert.deepEqual(scaled.find('appautoscaling/policy:Policy').inputs, {
        ...KEYS,
        policyType: 'TargetTrackingScaling',
        targetTrackingScalingPolicyConfiguration: {
          targetValue: 70.5,
          predefinedMetricSpecification: { predefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
        },
      });
    });

    it('is there when the endpoint is, and goes before it', async () => {
      const scaled = await made({ autoscaling: SCALING });
      assert.deepEqual(scaled.find('Target').dependencies, [`${NAME}-endpoint`]);
      assert.deepEqual(scaled.find('appautoscaling/policy:Policy').dependencies, [`${NAME}-scaling-target`]);
    });

    it('begins with the instances asked for, and waits as long as asked for, no time included', async () => {
      const scaled = await made({
        instance_count: 4,
        autoscaling: { ...SCALING, scale_in_cooldown_seconds: 600, scale_out_cooldown_seconds: 0 },
      });
      assert.equal(variant(scaled)?.initialInstanceCount, 4);
      const { targetTrackingScalingPolicyConfiguration: tracking } = scaled.find('appautoscaling/policy:Policy').inputs;
      assert.deepEqual(tracking, {
        targetValue: 70.5,
        predefinedMetricSpecification: { predefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
        scaleInCooldown: 600,
        scaleOutCooldown: 0,
      });
    });

    it('follows the payloads that wait, where answers are asynchronous', async () => {
      const scaled = await made({ autoscaling: SCALING, asynchronous: ASYNC });
      assert.deepEqual(scaled.find('appautoscaling/policy:Policy').inputs.targetTrackingScalingPolicyConfiguration, {
        targetValue: 70.5,
        customizedMetricSpecification: {
          namespace: 'AWS/SageMaker',
          metricName: 'ApproximateBacklogSizePerInstance',
          dimensions: [{ name: 'EndpointName', value: ENDPOINT }],
          statistic: 'Average',
        },
      });
    });
  });

  describe('serverless', () => {
    it('has neither instances nor captured data, nor a key on a volume that it has not', async () => {
      const served = await made({ serverless: SERVERLESS }, { kms_key_arn: KEY });
      assert.deepEqual(config(served), {
        productionVariants: [
          {
            variantName: 'AllTraffic',
            modelName: `${NAME}-model-${RANDOM}`,
            serverlessConfig: { memorySizeInMb: 2048, maxConcurrency: 20 },
            initialVariantWeight: 1,
          },
        ],
        tags: { 'endpoint-config-name': 'my-model-name-endpoint-config' },
      });
      assert.ok(!('dataCaptureLocation' in served.outputs));
      assert.equal(served.outputs.endpointName, ENDPOINT);
      assert.deepEqual(more(served, await made()), []);
    });

    it('keeps some of it warm where asked for', async () => {
      const served = await made({ serverless: { ...SERVERLESS, provisioned_concurrency: 5 } });
      assert.deepEqual(variant(served)?.serverlessConfig, {
        memorySizeInMb: 2048,
        maxConcurrency: 20,
        provisionedConcurrency: 5,
      });
    });
  });

  describe('asynchronous', () => {
    it('writes answers where asked for, and captures as before', async () => {
      const answered = await made({ asynchronous: ASYNC });
      const { asyncInferenceConfig, ...rest } = config(answered);
      assert.deepEqual(asyncInferenceConfig, { outputConfig: { s3OutputPath: 's3://out-bucket/answers' } });
      assert.deepEqual(rest, config(await made()));
      assert.deepEqual(more(answered, await made()), []);
    });

    it('writes failures, tells topics and encrypts where asked for', async () => {
      const asynchronous = {
        ...ASYNC,
        failure_location: 'out-bucket/failures',
        max_concurrent_invocations_per_instance: 3,
        success_topic_arn: TOPIC,
        error_topic_arn: `${TOPIC}-of-errors`,
      };
      assert.deepEqual(config(await made({ asynchronous }, { kms_key_arn: KEY })).asyncInferenceConfig, {
        clientConfig: { maxConcurrentInvocationsPerInstance: 3 },
        outputConfig: {
          s3OutputPath: 's3://out-bucket/answers',
          s3FailurePath: 's3://out-bucket/failures',
          kmsKeyId: KEY,
          notificationConfig: { successTopic: TOPIC, errorTopic: `${TOPIC}-of-errors` },
        },
      });
    });

    it('has a function that asks for answers, of payloads in the one place', async () => {
      const fn = (await made({ asynchronous: ASYNC })).find('Function');
      assert.deepEqual(fn.inputs.environment, {
        variables: {
          SAGEMAKER_ENDPOINT_NAME: ENDPOINT,
          ALLOW_DETAILED_ERROR_MESSAGE: 'No',
          INPUT_LOCATION: 'in-bucket/payloads',
        },
      });
      const assets = await (fn.inputs.code as pulumi.asset.AssetArchive).assets;
      assert.equal(
        await (assets['index.mjs'] as pulumi.asset.StringAsset).text,
        bundleText(new URL('../../blueprints/realtime-inference/handler.ts', import.meta.url)),
      );
    });
  });

  describe('a guarded deployment', () => {
    const policy = async (deployment: Record<string, unknown>) =>
      ((await made({ deployment })).find('Endpoint').inputs.deploymentConfig as Record<string, unknown>)
        .blueGreenUpdatePolicy;

    it('shifts a part of the traffic first, and is rolled back by alarms of its own', async () => {
      const guarded = await made({ deployment: CANARY });
      assert.deepEqual(guarded.find('Endpoint').inputs, {
        endpointConfigName: `${NAME}-endpoint-config-${RANDOM}`,
        name: ENDPOINT,
        deploymentConfig: {
          blueGreenUpdatePolicy: {
            trafficRoutingConfiguration: {
              type: 'CANARY',
              canarySize: { type: 'CAPACITY_PERCENT', value: 20 },
              waitIntervalInSeconds: 60,
            },
            terminationWaitInSeconds: 120,
            maximumExecutionTimeoutInSeconds: 1440,
          },
          autoRollbackConfiguration: {
            alarms: [{ alarmName: `${ENDPOINT}-5xx-errors` }, { alarmName: `${ENDPOINT}-model-latency` }],
          },
        },
        tags: { 'endpoint-name': 'my-model-name-endpoint' },
      });
    });

    it('shifts in equal steps, or at once', async () => {
      assert.deepEqual(await policy({ ...CANARY, strategy: 'linear', step_percent: undefined }), {
        trafficRoutingConfiguration: {
          type: 'LINEAR',
          linearStepSize: { type: 'CAPACITY_PERCENT', value: 10 },
          waitIntervalInSeconds: 60,
        },
        terminationWaitInSeconds: 120,
        maximumExecutionTimeoutInSeconds: 1920,
      });
      assert.deepEqual(await policy({ ...CANARY, strategy: 'all_at_once', step_percent: undefined }), {
        trafficRoutingConfiguration: { type: 'ALL_AT_ONCE', waitIntervalInSeconds: 60 },
        terminationWaitInSeconds: 120,
        maximumExecutionTimeoutInSeconds: 1380,
      });
    });

    it('has alarms on errors and latency of this endpoint, before the endpoint that refers to them', async () => {
      const guarded = await made({ deployment: CANARY });
      assert.deepEqual(more(guarded, await made()), [
        `MetricAlarm ${NAME}-5xx-errors`,
        `MetricAlarm ${NAME}-model-latency`,
      ]);
      const common = {
        namespace: 'AWS/SageMaker',
        dimensions: { EndpointName: ENDPOINT, VariantName: 'AllTraffic' },
        comparisonOperator: 'GreaterThanThreshold',
        period: 60,
        evaluationPeriods: 1,
        treatMissingData: 'notBreaching',
      };
      const { alarmDescription: _errors, ...errors } = guarded.find('MetricAlarm', `${NAME}-5xx-errors`).inputs;
      assert.deepEqual(errors, {
        ...common,
        name: `${ENDPOINT}-5xx-errors`,
        metricName: 'Invocation5XXErrors',
        statistic: 'Average',
        threshold: 0.05,
      });
      const { alarmDescription: _latency, ...latency } = guarded.find('MetricAlarm', `${NAME}-model-latency`).inputs;
      assert.deepEqual(latency, {
        ...common,
        name: `${ENDPOINT}-model-latency`,
        metricName: 'ModelLatency',
        extendedStatistic: 'p90',
        threshold: 14_000_000,
      });
      for (const name of [`${NAME}-5xx-errors`, `${NAME}-model-latency`]) {
        assert.ok(guarded.find('Endpoint').dependencies.includes(name), name);
        assert.equal(guarded.find('MetricAlarm', name).deleteBeforeReplace, false);
      }
    });

    it('names an endpoint without a name for good, one for each pipeline and environment', async () => {
      const named = async (pipelineId: string, environment: string) => {
        const guarded = await made({ deployment: CANARY }, { endpoint_name: undefined }, { pipelineId, environment });
        const { name } = guarded.find('Endpoint').inputs;
        assert.equal(guarded.find('MetricAlarm', `${pipelineId}-5xx-errors`).inputs.name, `${String(name)}-5xx-errors`);
        assert.match(String(name), new RegExp(`^${pipelineId}-endpoint-[0-9a-f]{7}$`));
        return name;
      };
      const all = [await named('one', 'dev'), await named('one', 'prod'), await named('two', 'dev')];
      assert.equal(new Set(all).size, 3);
      assert.equal(await named('one', 'dev'), all[0]);
    });

    it('is rolled back by the alarms that are named, and then makes none, and generates names as before', async () => {
      const guarded = await made(
        { deployment: { ...CANARY, alarms: ['mine', 'yours'] } },
        { endpoint_name: undefined },
      );
      assert.deepEqual(more(guarded, await made()), []);
      const { deploymentConfig, name } = guarded.find('Endpoint').inputs;
      assert.equal(name, undefined);
      assert.deepEqual((deploymentConfig as Record<string, unknown>).autoRollbackConfiguration, {
        alarms: [{ alarmName: 'mine' }, { alarmName: 'yours' }],
      });
    });

    it('of a component without a name for its endpoint is refused', async () => {
      const nameless: BlueprintProgram = ({ provider }) => {
        new RealtimeInference(
          'nameless',
          {
            place: { partition: 'aws', region: REGION, accountId: ACCOUNT, dnsSuffix: 'amazonaws.com' },
            model: { image: 'i', modelDataUrl: 's3://a/b' },
            instanceType: 'ml.m5.large',
            dataCaptureLocation: 'a/b',
            allowDetailedErrorMessage: false,
            endpoint: { deployment: { strategy: 'all_at_once', waitSeconds: 0, terminationWaitSeconds: 0 } },
          },
          { provider },
        );
        return {};
      };
      await assert.rejects(async () => run(nameless, {}), /requires endpointName/);
    });
  });

  it('keep SageMaker’s limit of names for the longest model name', async () => {
    const guarded = await made({ deployment: CANARY }, { model_name: 'a'.repeat(63), endpoint_name: undefined });
    assert.ok(String(guarded.find('Endpoint').inputs.name).length <= 63);
  });
});
