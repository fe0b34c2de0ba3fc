/** What becomes of the inputs of a component: a request, or every reason why not. */
import assert from 'node:assert/strict';
import * as pulumi from '@pulumi/pulumi';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { validateRequest } from '../../blueprints/request/request.ts';
import { COMPONENTS, SERVICE_KEYS, variantSchema } from '../../package/components.ts';
import { UNKNOWN } from '../../package/inputs.ts';
import { propertyName } from '../../package/names.ts';
import { componentRequest } from '../../package/request.ts';
import { STAND_IN } from '../../package/stand-ins.ts';

const REALTIME = {
  assetsBucket: 'assets',
  modelFramework: 'xgboost',
  modelFrameworkVersion: '1.7-1',
  modelArtifactLocation: 'churn/model.tar.gz',
  inferenceInstance: 'ml.m5.large',
  dataCaptureLocation: 'captured/churn',
};

function component(name: string) {
  return COMPONENTS.find((one) => one.name === name) ?? assert.fail(name);
}

function request(values: Record<string, unknown>, type = 'RealtimeInference', name = 'churn') {
  return componentRequest(component(type), name, structuredClone(values));
}

/** Path and reason of every fault. */
function faults(values: Record<string, unknown>, type?: string, name?: string): [string, string][] {
  try {
    request(values, type, name);
  } catch (error) {
    assert.ok(pulumi.InputPropertiesError.isInstance(error), String(error));
    return (error.errors ?? []).map(({ propertyPath, reason }) => [propertyPath, reason]);
  }
  assert.fail('it is valid');
}

/** Properties of an example, at the first level: what is within differs in no example but those of nested names. */
function renamed(
  value: unknown,
  schema = variantSchema({ pipelineType: 'model_tuner_builtin', useModelRegistry: false }),
): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      schema.properties?.[key] ? propertyName(key) : key,
      renamed(one, schema.properties?.[key] ?? {}),
    ]),
  );
}

describe('inputs of a component of the Pulumi package', () => {
  for (const { name, variants } of COMPONENTS) {
    for (const variant of variants.filter(({ useModelRegistry }) => !useModelRegistry)) {
      it(`become the request of ${variant.pipelineType} that the service makes of its example`, () => {
        const { example } = BLUEPRINTS[variant.pipelineType];
        const own = Object.fromEntries(Object.entries(example).filter(([key]) => !SERVICE_KEYS.has(key)));
        const inputs = renamed(own, variantSchema(variant)) as Record<string, unknown>;
        const made = request({ ...inputs, assetsBucket: 'assets' }, name);
        const service = validateRequest(
          { ...own, pipeline_type: variant.pipelineType },
          { useModelRegistry: false, multiAccount: false, pipelinePrefix: 'x' },
        );
        assert.deepEqual(made.request, service.request);
        assert.equal(made.blueprint.pipelineType, variant.pipelineType);
      });
    }
  }

  it('choose the source of the model', () => {
    const { modelFramework: _framework, modelFrameworkVersion: _version, ...others } = REALTIME;
    const typeOf = (values: Record<string, unknown>): PipelineType | string => request(values).blueprint.pipelineType;
    const image = '111111111111.dkr.ecr.us-east-1.amazonaws.com/churn:1';
    assert.equal(typeOf(REALTIME), 'byom_realtime_builtin');
    assert.equal(typeOf({ ...others, customImageUri: image }), 'byom_realtime_custom');
    const modelPackageName = 'arn:aws:sagemaker:us-east-1:111111111111:model-package/churn/3';
    const { modelArtifactLocation: _artifact, ...registry } = others;
    const made = request({ ...registry, modelPackageName });
    assert.equal(made.request.model_package_name, modelPackageName);
    assert.deepEqual(faults({ ...REALTIME, customImageUri: image }), [
      ['customImageUri', 'cannot be combined with modelFramework; remove one of them'],
    ]);
  });

  it('name the model as the resource, unless they name it', () => {
    assert.equal(request(REALTIME).request.model_name, 'churn');
    assert.equal(request({ ...REALTIME, modelName: 'other' }).request.model_name, 'other');
  });

  it('are refused with all faults at once, by property and with the way out', () => {
    const wrong = {
      ...REALTIME,
      inferenceInstance: 'm5.large',
      dataCaptureLocation: undefined,
      assetsBucket: 'No Bucket',
      endpointname: 'x',
      endpoint: { instanceCount: 0, autoscaling: { minCapacity: 1 } },
    };
    const found = Object.fromEntries(faults(wrong));
    assert.deepEqual(Object.keys(found).sort(), [
      'assetsBucket',
      'dataCaptureLocation',
      'endpoint.autoscaling.maxCapacity',
      'endpoint.autoscaling.targetInvocationsPerInstance',
      'endpoint.instanceCount',
      'endpointname',
      'inferenceInstance',
    ]);
    assert.match(found.inferenceInstance ?? '', /did you mean|ml\./);
    assert.equal(found.assetsBucket, 'must be the name of an Amazon S3 bucket');
    assert.equal(found.endpointname, 'is no input of this component; did you mean "endpointName"?');
    assert.equal(found.dataCaptureLocation, 'is required');
    assert.throws(() => request(wrong), /RealtimeInference: \d+ invalid inputs: .*endpoint\.instanceCount must be/);
  });

  it('are refused under a resource name that AWS would not take', () => {
    const [[path, reason] = []] = faults(REALTIME, 'RealtimeInference', 'my_churn');
    assert.equal(path, 'name');
    assert.match(reason ?? '', /letters, digits and inner hyphens, unlike "my_churn"; rename the resource/);
  });

  describe('that a preview does not know yet', () => {
    it('are stood in for by values of the form that the input has', () => {
      const { request: made, settings } = request({
        ...REALTIME,
        assetsBucket: UNKNOWN,
        dataCaptureLocation: UNKNOWN,
        modelArtifactLocation: UNKNOWN,
        kmsKeyArn: UNKNOWN,
        permissionsBoundaryArn: UNKNOWN,
      });
      const values = [
        settings.assetsBucket,
        settings.permissionsBoundaryArn,
        made.data_capture_location,
        made.model_artifact_location,
        made.kms_key_arn,
      ].map(String);
      for (const value of values) assert.match(value, STAND_IN);
      assert.equal(new Set(values.map((value) => STAND_IN.exec(value)?.[0])).size, 5, 'no two are equal');
    });

    it('are stood in for within objects and lists', () => {
      const monitor = { strategy: 'canary', alarms: [UNKNOWN, 'mine'] };
      const { request: made } = request({ ...REALTIME, endpointName: 'churn', endpoint: { deployment: monitor } });
      const { deployment } = made.endpoint as { deployment: { alarms: string[] } };
      assert.match(deployment.alarms[0] ?? '', STAND_IN);
      assert.equal(deployment.alarms[1], 'mine');
    });

    it('are refused where they decide what there is, beside the faults of those that are known', () => {
      const found = faults({
        ...REALTIME,
        inferenceInstance: UNKNOWN,
        endpoint: UNKNOWN,
        dataCaptureLocation: UNKNOWN,
        modelArtifactLocation: 'model.zip',
      });
      assert.deepEqual(found.map(([path]) => path).sort(), ['endpoint', 'inferenceInstance', 'modelArtifactLocation']);
      const reasons = Object.fromEntries(found);
      assert.match(reasons.inferenceInstance ?? '', /must be known in a preview.*plain value.*pulumi up --target/);
      assert.doesNotMatch(JSON.stringify(found), new RegExp(STAND_IN.source), 'no stand-in is shown');
    });
  });
});
