import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { RequestInvalid } from '../../blueprints/faults.ts';
import { realtimeBuiltin, realtimeCustom } from '../../blueprints/realtime-inference/index.ts';
import { program } from '../../blueprints/realtime-inference/program.ts';
import type { Answers, Registered } from '../../blueprints/testing.ts';
import { run } from '../../blueprints/testing.ts';

describe('the real-time program refuses, before anything is created,', () => {
  async function refusal(
    request: Record<string, unknown>,
    expected: (error: RequestInvalid) => void,
    answers?: Answers,
  ) {
    const resources: Registered[] = [];
    await assert.rejects(run(program, request, {}, answers, { resources }), (error: RequestInvalid) => {
      expected(error);
      return true;
    });
    assert.deepEqual(
      resources.map((one) => one.type),
      ['pulumi:providers:aws'],
    );
  }
  const fault = (pointer: string, message: RegExp) => (error: RequestInvalid) => {
    assert.equal(error.code, 'REQUEST_INVALID');
    assert.equal(error.faults[0]?.pointer, pointer);
    assert.match(error.message, message);
  };

  it('an unknown framework, with the known ones', () =>
    refusal(
      { ...realtimeBuiltin.example, model_framework: 'xgbost' },
      fault('/model_framework', /xgbost.*one of.*xgboost/),
    ));

  it('an unknown version, with the known ones', () =>
    refusal(
      { ...realtimeBuiltin.example, model_framework_version: '9' },
      fault('/model_framework_version', /version 9.*one of 1,.*1\.7-1/),
    ));

  it('an image outside Amazon ECR', () =>
    refusal(
      { ...realtimeCustom.example, custom_image_uri: 'docker.io/me/mine:1' },
      fault('/custom_image_uri', /must be the URI of an Amazon ECR image/),
    ));

  it('a region without an image, with the provider’s reason', () =>
    refusal(
      realtimeBuiltin.example,
      (error) => assert.match(error.message, /No image for xgboost 1 was found in region us-east-1: .*mars-1/),
      {
        getPrebuiltEcrImage: () => {
          // As a gRPC error tells it.
          throw Object.assign(new Error(), { details: 'no registry ID available for region (mars-1)' });
        },
      },
    ));
});
