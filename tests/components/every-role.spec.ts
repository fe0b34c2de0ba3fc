/** Rules that hold for every role and policy of every pipeline type, whatever the request. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import type { PolicyDocument, TrustPolicy } from '../../blueprints/shared/aws/policies.ts';
import { INSTALLATIONS, accepted, body } from '../unit/blueprints/requests.ts';
import { KEY } from './policy-calls.ts';
import { ACCOUNT, run } from '../../blueprints/testing.ts';

/** AWS has no resources to name for these. */
const WITHOUT_RESOURCE = ['cloudwatch:PutMetricData', 'ecr:GetAuthorizationToken'];

const list = (value: string | string[]): string[] => [value].flat();

describe('every role', () => {
  for (const type of Object.keys(BLUEPRINTS) as PipelineType[]) {
    for (const [name, settings] of [
      ['image and artifact', INSTALLATIONS.SINGLE],
      ['the model registry', INSTALLATIONS.REGISTRY],
    ] as const) {
      const key = type === 'byom_image_builder' ? {} : { kms_key_arn: KEY };
      const made = async () => {
        const program = await BLUEPRINTS[type].loadProgram?.();
        assert.ok(program);
        const { resources } = await run(program, accepted(body(type, key, settings), settings).request);
        return (kind: string) => resources.filter((one) => one.type === `aws:iam/${kind}`);
      };

      it(`of ${type}, with ${name}, names its actions in full, and its resources wherever there are any`, async () => {
        const policies = (await made())('rolePolicy:RolePolicy');
        assert.ok(policies.length > 0);
        for (const { inputs } of policies) {
          for (const { Sid, Action, Resource } of (JSON.parse(String(inputs.policy)) as PolicyDocument).Statement) {
            for (const action of list(Action)) assert.match(action, /^[a-z0-9-]+:[A-Za-z0-9]+$/, Sid);
            if (!list(Resource).includes('*')) continue;
            assert.deepEqual(
              list(Action).filter((action) => !WITHOUT_RESOURCE.includes(action)),
              [],
              Sid,
            );
          }
        }
      });

      it(`of ${type}, with ${name}, is for one service, and for this account where the service says whose it is`, async () => {
        for (const { name: role, inputs } of (await made())('role:Role')) {
          const { Statement: statements } = JSON.parse(String(inputs.assumeRolePolicy)) as TrustPolicy;
          assert.equal(statements.length, 1, role);
          const { Principal: principal, Condition: condition } = statements[0] ?? assert.fail();
          assert.match(principal.Service, /^[a-z]+\.amazonaws\.com$/, role);
          if (principal.Service === 'lambda.amazonaws.com') continue;
          if (principal.Service === 'events.amazonaws.com') {
            // EventBridge names no source when it assumes a rule's role: a condition on one would never hold.
            assert.equal(condition, undefined, role);
            continue;
          }
          assert.deepEqual(condition, { StringEquals: { 'aws:SourceAccount': ACCOUNT } }, role);
        }
      });
    }
  }
});
