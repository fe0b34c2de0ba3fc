/** The key `endpoint` of a real-time request: what is taken, what it becomes, and what is refused, where and why. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PipelineRequest } from '../../../blueprints/blueprint.ts';
import { STAGES } from '../../../blueprints/blueprint.ts';
import { realtimeWarnings } from '../../../blueprints/realtime-inference/warnings.ts';
import { loadConfig } from '../../../automation/config/config.ts';
import {
  LONGEST_WAITING_SECONDS,
  PROVIDER_WAIT_SECONDS,
  deploymentSeconds,
  waitingSeconds,
} from '../../../blueprints/realtime-inference/traffic-shifting.ts';
import { stageValues } from '../../../blueprints/request/stage-values.ts';
import type { Body } from './requests.ts';
import { MULTI, SINGLE, accepted, body, onlyFault, places, refused } from './requests.ts';

const TYPE = 'byom_realtime_custom';
const with_ = (endpoint: unknown, changes: Body = {}) => body(TYPE, { endpoint, ...changes });
const taken = (endpoint: unknown, settings = SINGLE) =>
  accepted(body(TYPE, { endpoint }, settings), settings).request.endpoint;
const fault = (endpoint: unknown) => onlyFault(with_(endpoint));

const SCALING = { min_capacity: 1, max_capacity: 4, target_invocations_per_instance: 70 };
const SERVERLESS = { memory_size_in_mb: 2048, max_concurrency: 20 };
const ASYNC = { input_location: 'my-bucket/payloads', output_location: 'my-bucket/answers' };
const CANARY = { strategy: 'canary', step_percent: 10, wait_seconds: 60, termination_wait_seconds: 0 };
const TOPIC = 'arn:aws:sns:us-east-1:111111111111:my-topic';

describe('the endpoint settings of a real-time request', () => {
  it('are nothing by default', () => {
    assert.ok(!('endpoint' in accepted(body(TYPE)).request));
    assert.deepEqual(taken({}), {});
  });

  it('are taken whole, and stay as they are when they are validated again', () => {
    const whole = {
      instance_count: 2,
      autoscaling: { ...SCALING, scale_in_cooldown_seconds: 0, scale_out_cooldown_seconds: 60 },
      asynchronous: {
        ...ASYNC,
        failure_location: 'my-bucket/failures',
        max_concurrent_invocations_per_instance: 4,
        success_topic_arn: TOPIC,
        error_topic_arn: TOPIC,
      },
      deployment: { ...CANARY, alarms: ['my-alarm', 'my other alarm'] },
    };
    assert.deepEqual(taken(whole), whole);
    assert.deepEqual(taken(taken(whole)), whole);
  });

  it('may come as text, numbers in them too, and with s3:// before a place', () => {
    assert.deepEqual(taken(JSON.stringify({ instance_count: '3' })), { instance_count: 3 });
    assert.deepEqual(taken({ serverless: { memory_size_in_mb: '1024', max_concurrency: '1' } }), {
      serverless: { memory_size_in_mb: 1024, max_concurrency: 1 },
    });
    assert.deepEqual(taken({ asynchronous: { input_location: 's3://inputs/', output_location: 's3://outputs/a' } }), {
      asynchronous: { input_location: 'inputs', output_location: 'outputs/a' },
    });
  });

  it('wait two minutes between steps and before the old instances are terminated by default', () => {
    assert.deepEqual(taken({ deployment: { strategy: 'linear' } }), {
      deployment: { strategy: 'linear', wait_seconds: 120, termination_wait_seconds: 120 },
    });
  });

  describe('with several accounts', () => {
    const stages = (endpoint: unknown) => {
      const { blueprint, request } = accepted(body(TYPE, { endpoint }, MULTI), MULTI);
      return STAGES.map((stage) => stageValues(blueprint, request, stage).endpoint);
    };

    it('are one value a stage, where {} is an endpoint without any of it', () => {
      const perStage = { dev: {}, staging: { instance_count: 2 }, prod: { autoscaling: SCALING } };
      assert.deepEqual(stages(perStage), [{}, { instance_count: 2 }, { autoscaling: SCALING }]);
      assert.deepEqual(taken(taken(perStage, MULTI), MULTI), perStage);
      assert.deepEqual(stages(JSON.stringify(perStage)), [{}, { instance_count: 2 }, { autoscaling: SCALING }]);
    });

    it('are one value for all stages', () => {
      const each = { instance_count: 2 };
      assert.deepEqual(stages(each), [each, each, each]);
      assert.deepEqual(stages(JSON.stringify(each)), [each, each, each]);
      assert.deepEqual(stages({}), [{}, {}, {}]);
    });

    it('are refused for a stage that is missing, and for a fault in one', () => {
      const sent = { dev: {}, prod: { serverless: SERVERLESS, instance_count: 1 } };
      assert.deepEqual(places(body(TYPE, { endpoint: sent }, MULTI), MULTI), [
        '/endpoint/prod/instance_count conflict',
        '/endpoint/staging required',
      ]);
    });
  });

  describe('are refused, each at its key,', () => {
    const REFUSED: [what: string, endpoint: unknown, pointer: string, rule: string, message: RegExp][] = [
      ['no object', 3, '', 'type', /must be an object/],
      ['an unknown key', { instances: 2 }, '/instances', 'unknown', /serverless, autoscaling, instance_count/],
      ['no instance', { instance_count: 0 }, '/instance_count', 'range', /greater than or equal to 1/],
      ['half an instance', { instance_count: 1.5 }, '/instance_count', 'type', /integer/],
      [
        'autoscaling without a target',
        { autoscaling: { min_capacity: 1, max_capacity: 2 } },
        '/autoscaling/target_invocations_per_instance',
        'required',
        /required/,
      ],
      [
        'a target of nothing',
        { autoscaling: { ...SCALING, target_invocations_per_instance: 0 } },
        '/autoscaling/target_invocations_per_instance',
        'range',
        /0\.01/,
      ],
      [
        'more at least than at most',
        { autoscaling: { ...SCALING, min_capacity: 5 } },
        '/autoscaling/max_capacity',
        'range',
        /at least min_capacity \(5\)/,
      ],
      [
        'fewer instances than the least',
        { autoscaling: { ...SCALING, min_capacity: 2 }, instance_count: 1 },
        '/instance_count',
        'range',
        /at least min_capacity \(2\)/,
      ],
      [
        'more instances than the most',
        { autoscaling: SCALING, instance_count: 5 },
        '/instance_count',
        'range',
        /is 5, but must be at most max_capacity \(4\)/,
      ],
      [
        'memory between the sizes',
        { serverless: { ...SERVERLESS, memory_size_in_mb: 1536 } },
        '/serverless/memory_size_in_mb',
        'allowed',
        /1024, 2048, 3072, 4096, 5120, 6144/,
      ],
      [
        'too much concurrency',
        { serverless: { ...SERVERLESS, max_concurrency: 201 } },
        '/serverless/max_concurrency',
        'range',
        /200/,
      ],
      [
        'more provisioned than possible',
        { serverless: { ...SERVERLESS, provisioned_concurrency: 21 } },
        '/serverless/provisioned_concurrency',
        'range',
        /at most max_concurrency \(20\)/,
      ],
      [
        'a count of instances where there are none',
        { serverless: SERVERLESS, instance_count: 2 },
        '/instance_count',
        'conflict',
        /mutually exclusive/,
      ],
      [
        'autoscaling of nothing',
        { serverless: SERVERLESS, autoscaling: SCALING },
        '/autoscaling',
        'conflict',
        /mutually exclusive/,
      ],
      [
        'serverless and asynchronous',
        { serverless: SERVERLESS, asynchronous: ASYNC },
        '/asynchronous',
        'conflict',
        /responds synchronously/,
      ],
      [
        'a guarded deployment of no instances',
        { serverless: SERVERLESS, deployment: CANARY },
        '/deployment',
        'conflict',
        /guardrails only for endpoints with instances/,
      ],
      [
        'answers without a place',
        { asynchronous: { input_location: 'inputs/a' } },
        '/asynchronous/output_location',
        'required',
        /required/,
      ],
      [
        'payloads without a place',
        { asynchronous: { output_location: 'outputs/a' } },
        '/asynchronous/input_location',
        'required',
        /required/,
      ],
      [
        'a first-in-first-out topic',
        { asynchronous: { ...ASYNC, success_topic_arn: `${TOPIC}.fifo` } },
        '/asynchronous/success_topic_arn',
        'pattern',
        /standard SNS topic/,
      ],
      [
        'an unknown strategy',
        { deployment: { strategy: 'rolling' } },
        '/deployment/strategy',
        'allowed',
        /all_at_once, canary, linear/,
      ],
      [
        'steps all at once',
        { deployment: { ...CANARY, strategy: 'all_at_once' } },
        '/deployment/step_percent',
        'conflict',
        /remove it/,
      ],
      ['a step over half', { deployment: { ...CANARY, step_percent: 51 } }, '/deployment/step_percent', 'range', /50/],
      [
        'a linear step below 10',
        { deployment: { ...CANARY, strategy: 'linear', step_percent: 9 } },
        '/deployment/step_percent',
        'range',
        /at least 10/,
      ],
      [
        'a wait of more than an hour',
        { deployment: { ...CANARY, wait_seconds: 3601 } },
        '/deployment/wait_seconds',
        'range',
        /3600/,
      ],
      [
        'waits that sum up to too long',
        { deployment: { ...CANARY, strategy: 'linear', wait_seconds: 229 } },
        '/deployment',
        'range',
        /2290 s in total.*2280 s/,
      ],
      ['no alarm', { deployment: { ...CANARY, alarms: [] } }, '/deployment/alarms', 'range', /at least 1/],
      [
        'eleven alarms',
        { deployment: { ...CANARY, alarms: Array.from({ length: 11 }, (_, at) => `a${at}`) } },
        '/deployment/alarms',
        'range',
        /10/,
      ],
      [
        'asynchronous answers that nothing watches',
        { asynchronous: ASYNC, deployment: CANARY },
        '/deployment',
        'conflict',
        /requires alarms for an asynchronous endpoint/,
      ],
    ];
    for (const [what, endpoint, pointer, rule, message] of REFUSED) {
      it(what, () => {
        const found = fault(endpoint);
        assert.deepEqual([found.pointer, found.rule], [`/endpoint${pointer}`, rule]);
        assert.match(found.message, message);
      });
    }

    it('a bound of autoscaling that is missing, by its name, and what breaks the other one', () => {
      const { max_capacity: _, ...open } = { ...SCALING, min_capacity: 2 };
      const { faults } = refused(with_({ autoscaling: open, instance_count: 1 }));
      assert.deepEqual(
        faults.map(({ pointer, message }) => `${pointer} ${message}`),
        [
          '/endpoint/autoscaling/max_capacity is required',
          '/endpoint/instance_count is 1, but must be at least min_capacity (2) of autoscaling',
        ],
      );
    });

    it('all of them at once', () => {
      assert.deepEqual(
        places(with_({ serverless: SERVERLESS, instance_count: 2, autoscaling: SCALING, asynchronous: ASYNC })),
        ['/endpoint/asynchronous conflict', '/endpoint/autoscaling conflict', '/endpoint/instance_count conflict'],
      );
    });

    it('with one account, values per stage', () => {
      assert.deepEqual(places(with_({ dev: {} })), ['/endpoint/dev unknown']);
    });
  });

  it('accept values up to the documented limits', () => {
    taken({ autoscaling: { ...SCALING, min_capacity: 4 }, instance_count: 4 });
    taken({ serverless: { ...SERVERLESS, provisioned_concurrency: 20 } });
    taken({ deployment: { ...CANARY, strategy: 'linear', wait_seconds: 228 } });
    taken({ deployment: { ...CANARY, wait_seconds: 600, termination_wait_seconds: 1080 } });
    taken({ asynchronous: ASYNC, deployment: { ...CANARY, alarms: ['mine'] } });
  });

  it('make the answer warn of what a serverless endpoint leaves aside', () => {
    const warnings = (changes: Body, settings = SINGLE) =>
      realtimeWarnings(accepted(body(TYPE, changes, settings), settings).request).map((one) => one.split(':')[0]);
    assert.deepEqual(warnings({}), []);
    assert.deepEqual(warnings({ endpoint: { instance_count: 2 } }), []);
    assert.deepEqual(warnings({ endpoint: { serverless: SERVERLESS } }), [
      '"data_capture_location" has no effect',
      '"inference_instance" has no effect',
    ]);
    const key = 'arn:aws:kms:us-east-1:111111111111:key/1234abcd';
    assert.deepEqual(
      warnings({ endpoint: { serverless: SERVERLESS }, kms_key_arn: key })[2],
      '"kms_key_arn" has no effect',
    );
    const some = { dev: { serverless: SERVERLESS }, staging: {}, prod: {} };
    assert.deepEqual(warnings({ endpoint: some }, MULTI)[0], '"data_capture_location" has no effect in dev');
    assert.deepEqual(
      warnings({ endpoint: { serverless: SERVERLESS } }, MULTI)[0],
      '"data_capture_location" has no effect',
    );
    assert.deepEqual(realtimeWarnings({ pipeline_type: TYPE } as PipelineRequest), []);
  });

  it('give a deployment its waits and twenty minutes for the start, within what the provider waits for it', () => {
    const base = { waitSeconds: 100, terminationWaitSeconds: 50 };
    assert.equal(waitingSeconds({ ...base, strategy: 'all_at_once' }), 150);
    assert.equal(waitingSeconds({ ...base, strategy: 'canary' }), 250);
    assert.equal(waitingSeconds({ ...base, strategy: 'linear' }), 1_050);
    assert.equal(waitingSeconds({ ...base, strategy: 'linear', stepPercent: 30 }), 450);
    assert.equal(deploymentSeconds({ ...base, strategy: 'canary' }), 1_450);
    assert.equal(deploymentSeconds({ strategy: 'all_at_once', waitSeconds: 0, terminationWaitSeconds: 0 }), 1_200);
    const { operations } = loadConfig({
      DATABASE_URL: 'postgresql://u@db/d',
      GATEWAY_SECRET: 'a-long-enough-secret',
      AWS_REGION: 'us-east-1',
      ASSETS_BUCKET: 'assets',
      ACCOUNT_ID: '111111111111',
      PULUMI_BACKEND_URL: 's3://state',
      PULUMI_CONFIG_PASSPHRASE: 'x',
    });
    const longest = deploymentSeconds({
      strategy: 'all_at_once',
      waitSeconds: 0,
      terminationWaitSeconds: LONGEST_WAITING_SECONDS,
    });
    assert.ok(longest < PROVIDER_WAIT_SECONDS);
    assert.ok(PROVIDER_WAIT_SECONDS < operations.silenceSeconds);
    assert.ok(PROVIDER_WAIT_SECONDS < operations.timeoutSeconds);
  });
});
