/** What the stacks of monitors are made of, where their kinds differ. */
import assert from 'node:assert/strict';
import type * as pulumi from '@pulumi/pulumi';
import { describe, it } from 'mocha';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import type { BaselineDefinition } from '../../blueprints/model-monitor/handler.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { accepted, body } from '../unit/blueprints/requests.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, REGION, run } from '../../blueprints/testing.ts';

const ENDPOINT = 'xgb-churn-prediction-endpoint';
const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const KINDS = [
  ['byom_data_quality_monitor', 'DataQuality', 'dataquality'],
  ['byom_model_quality_monitor', 'ModelQuality', 'modelquality'],
  ['byom_model_bias_monitor', 'ModelBias', 'modelbias'],
  ['byom_model_explainability_monitor', 'ModelExplainability', 'modelexplainability'],
] as const;

async function made(type: PipelineType, changes: Record<string, unknown> = {}): Promise<Run> {
  const program = await BLUEPRINTS[type].loadProgram?.();
  assert.ok(program);
  return await run(program, accepted(body(type, changes)).request, { tags: { 'mlops:pipeline-id': 'id' } });
}

async function baselineOf(stack: Run): Promise<BaselineDefinition> {
  const code = stack.find('Function').inputs.code as pulumi.asset.AssetArchive;
  const members = (await code.assets) as Record<string, pulumi.asset.StringAsset>;
  return JSON.parse((await members['job.json']?.text) ?? '') as BaselineDefinition;
}

/** The definition in Cloud Control's form, whichever resource makes it. */
function definitionOf(stack: Run, kind: string): Record<string, unknown> {
  if (kind !== 'DataQuality') return JSON.parse(String(stack.find('Resource').inputs.desiredState)) as never;
  return stack.find('DataQualityJobDefinition').inputs;
}

const outputOf = ({ request }: BaselineDefinition): string =>
  (request as { ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: string } }] } }).ProcessingOutputConfig
    .Outputs[0].S3Output.S3Uri;

describe('model monitors', () => {
  for (const [type, kind, short] of KINDS) {
    describe(type, () => {
      it('looks for the baseline where the baseline job writes it', async () => {
        const stack = await made(type);
        const output = outputOf(await baselineOf(stack));
        assert.match(output, new RegExp(`^s3://my-bucket/my-prefix/${ENDPOINT}-${short}-[0-9a-f]{4,12}$`));
        const definition = JSON.stringify(definitionOf(stack, kind));
        const files = kind.startsWith('Model') && kind !== 'ModelQuality' ? ['analysis'] : ['constraints'];
        for (const file of files) assert.ok(definition.includes(`"${output}/${file}.json"`), file);
        assert.equal(definition.includes(`"${output}/statistics.json"`), kind === 'DataQuality');
        assert.equal(definition.includes(`"${output}/monitor/analysis_config.json"`), files[0] === 'analysis');
      });

      it('is bound to the endpoint, made after the baseline and taken away before the definition', async () => {
        const stack = await made(type);
        const schedule = stack.find('MonitoringSchedule');
        const name = schedule.inputs.name as string;
        assert.match(name, new RegExp(`^${ENDPOINT}-${short}-[0-9a-f]{4,12}$`));
        assert.deepEqual(
          { ...(schedule.inputs.monitoringScheduleConfig as object), monitoringJobDefinitionName: undefined },
          {
            monitoringType: kind,
            monitoringJobDefinitionName: undefined,
            scheduleConfig: { scheduleExpression: body(type).schedule_expression },
          },
        );
        assert.ok(schedule.dependencies.includes('mlops-pipeline-my-model-name-postfix-definition'));
        const definition = stack.resources.find(
          (one) => one.name === 'mlops-pipeline-my-model-name-postfix-definition',
        );
        assert.ok(definition);
        assert.ok(definition.dependencies.includes('mlops-pipeline-my-model-name-postfix-job-run'));
        assert.ok(JSON.stringify(definition.inputs).includes(ENDPOINT));
      });

      it('keeps its name whatever changes but the endpoint, and the baseline’s while its part stays', async () => {
        const names = async (changes: Record<string, unknown>) => {
          const stack = await made(type, changes);
          return [stack.find('MonitoringSchedule').inputs.name, (await baselineOf(stack)).wholeName];
        };
        const [schedule, baseline] = await names({});
        assert.deepEqual(await names({ schedule_expression: 'cron(0 5 ? * * *)' }), [schedule, baseline]);
        assert.deepEqual(await names({ monitoring_output_location: 'other/place' }), [schedule, baseline]);
        const [, other] = await names({ baseline_data: 'other.csv' });
        assert.notEqual(other, baseline);
        assert.notEqual((await names({ endpoint_name: 'other' }))[0], schedule);
      });

      it('encrypts with a given key wherever the guide says', async () => {
        const stack = await made(type, { kms_key_arn: KEY });
        const { request } = await baselineOf(stack);
        for (const text of [JSON.stringify(request), JSON.stringify(definitionOf(stack, kind))]) {
          assert.equal(text.split(KEY).length - 1, 2, 'volume and output');
        }
      });
    });
  }

  it('gives only Clarify a configuration, and only the analyzer an environment', async () => {
    for (const [type, kind] of KINDS) {
      const { clarify, request } = await baselineOf(await made(type));
      const byClarify = kind === 'ModelBias' || kind === 'ModelExplainability';
      assert.equal(clarify !== undefined, byClarify);
      assert.equal('Environment' in request, !byClarify);
    }
  });

  it('asks Cloud Control for exactly the definition of a regression', async () => {
    const stack = await made('byom_model_quality_monitor', {
      problem_type: 'Regression',
      monitor_inference_attribute: '0',
    });
    const { JobDefinitionName: name, ...state } = definitionOf(stack, 'ModelQuality');
    const output = outputOf(await baselineOf(stack));
    assert.match(String(name), /^[a-z0-9-]{1,63}$/);
    assert.deepEqual(state, {
      ModelQualityAppSpecification: {
        ImageUri: '811284229777.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer',
        ProblemType: 'Regression',
      },
      ModelQualityBaselineConfig: { ConstraintsResource: { S3Uri: `${output}/constraints.json` } },
      ModelQualityJobInput: {
        EndpointInput: {
          EndpointName: ENDPOINT,
          LocalPath: '/opt/ml/processing/input/model_quality_input',
          InferenceAttribute: '0',
        },
        GroundTruthS3Input: { S3Uri: 's3://my-bucket/my-prefix/2026/11/23/00' },
      },
      ModelQualityJobOutputConfig: {
        MonitoringOutputs: [
          {
            S3Output: {
              S3Uri: 's3://my-bucket/my-prefix',
              LocalPath: '/opt/ml/processing/output/model_quality_output',
              S3UploadMode: 'EndOfJob',
            },
          },
        ],
      },
      JobResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 20 } },
      StoppingCondition: { MaxRuntimeInSeconds: 1_800 },
      RoleArn: `arn:aws:iam::${ACCOUNT}:role/mlops-pipeline-my-model-name-postfix-monitor-role-1234567`,
      Tags: [{ Key: 'mlops:pipeline-id', Value: 'id' }],
    });
  });
});
