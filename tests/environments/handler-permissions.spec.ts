/** What it takes to manage a resource, by AWS' own resource schemas, the deployment role may do (`npm run handler-permissions`). */
import assert from 'node:assert/strict';
import handlers from '../aws-models/handler-permissions.json' with { type: 'json' };
import { ACCOUNT, REGION } from '../../blueprints/testing.ts';
import type { Registered } from '../../blueprints/testing.ts';
import { DEPLOYMENT_CALLS } from './deployment-calls.ts';
import { PROGRAMS } from './programs.ts';
import { CALLS } from './provider-calls.ts';

/** Types that blueprints make and that no schema says this of. */
const WITHOUT_SCHEMA: Readonly<Record<string, string>> = {
  'aws:lambda/invocation:Invocation': 'a call, not a resource',
  'aws:cloudwatch/eventTarget:EventTarget': 'part of a rule',
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': 'part of a bucket',
  'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration': 'part of a bucket',
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': 'part of a bucket',
};

/** Schemas of resources that the provider has in several parts, which are asked for with the first. */
const PARTS: Readonly<Record<string, RegExp>> = {
  'aws:s3/bucket:Bucket': /^aws:s3\/bucket/,
  'aws:cloudwatch/eventRule:EventRule': /^aws:cloudwatch\/event(Rule|Target)/,
  'aws:iam/role:Role': /^aws:iam\/role/,
};

/** The schema lists what any property may take; these are of properties that no blueprint sets. `key action` → the reason. */
const NOT_NEEDED: readonly [pattern: RegExp, why: string][] = [
  [/apigateway.* s3:getObject/, 'APIs are not imported from documents in S3'],
  [/apigateway.* apigateway:(Tag|Untag)Resource/, 'not an action of API Gateway: tags are POST and DELETE on /tags'],
  [/apigatewayv2\/(integration|route).* apigateway:PUT/, 'of tags, which integrations and routes do not have'],
  [/appautoscaling\/target.* \S+ScheduledActions?/, 'endpoints are not scaled by the clock'],
  [/appautoscaling\/target.* lambda:/, 'of functions that are scaled'],
  [/appautoscaling\/policy.* cloudwatch:GetMetricData/, 'of metric expressions; policies name one metric'],
  [/codepipeline.* \S+(StageTransition|GetPipelineState)/, 'no transition is disabled'],
  [
    /codepipeline.* codepipeline:StartPipelineExecution/,
    'a new pipeline starts by itself; EventBridge starts it later',
  ],
  [/codepipeline.* codestar-connections:/, 'the source is in S3'],
  [/iam\/role.* iam:(At|De)tachRolePolicy/, 'roles have inline policies only, which name what they may use'],
  [/iam\/role.* iam:DeleteRolePermissionsBoundary/, 'never: a role without its boundary could do anything'],
  [/lambda\/function.* (ec2|elasticfilesystem|s3files):/, 'functions are in no VPC and have no file system'],
  [/lambda\/function.* kms:(Decrypt|Encrypt|GenerateDataKey)/, 'no key of their own for environment variables'],
  [/lambda\/function.* s3:/, 'the archive is sent with the request'],
  [/lambda\/function.* lambda:\S+CodeSigningConfig/, 'no code signing; the provider reads that of the function'],
  [/lambda\/function.* lambda:\S+Concurrency/, 'no reserved concurrency'],
  [
    /lambda\/function.* lambda:(GetLayerVersion|PublishVersion|AssociateRuntimeAlias)/,
    'no layers, versions or aliases',
  ],
  [
    /lambda\/function.* lambda:(\S+(Recursion|RuntimeManagement|FunctionScaling)Config|PassCapacityProvider)/,
    'resources of their own with the provider, which does not read them with the function',
  ],
  [
    /logGroup.* logs:\S+(DataProtection|Index)Polic/,
    'no such policies; the provider reads them as resources of their own',
  ],
  [/logGroup.* logs:((Disa|A)ssociateKmsKey|PutBearerTokenAuthentication|PutLogGroupDeletionProtection)/, 'not set'],
  [
    /logGroup.* (logs:\S+(LogDelivery|ResourcePolic(y|ies))|firehose:TagDeliveryStream|s3:REST.PUT.OBJECT)/,
    'of deliveries; see the stage of an API',
  ],
  [/s3\/bucket:.* s3tables:/, 'no metadata tables'],
  [
    /s3\/bucket:.* s3:Delete(BucketEncryption|BucketLifecycle)$/,
    'not actions of S3: they take the Put… of the same name',
  ],
  [
    /s3\/bucket:.* s3:\S+(Abac|Acl|Analytics|Inventory|Metrics|Metadata|Notification|Replication|Website|C(ORS|ors)|Logging|Versioning|ObjectLock|OwnershipControls|IntelligentTiering|Accelerate)/,
    'settings that the artifacts of a build do not have; the provider reads those of them that it finds in a bucket',
  ],
];

describe('the permissions that AWS lists for a resource, deployment roles have', () => {
  let resources: Registered[] = [];
  const ofType = new Map<string, Set<string>>();
  const ofAnyType = new Set<string>();
  const used = new Set<RegExp>();

  before(async () => {
    const programs = await Promise.all(PROGRAMS.map(({ make }) => make()));
    resources = programs.flatMap((made) => made.resources.filter(({ type }) => type.startsWith('aws:')));
    for (const one of resources) {
      const actions = (CALLS[one.type]?.(one) ?? []).map(([action]) => action);
      ofType.set(keyOf(one), new Set([...(ofType.get(keyOf(one)) ?? []), ...actions]));
      actions.forEach((action) => ofAnyType.add(action));
    }
    const at = { account: ACCOUNT, region: REGION };
    DEPLOYMENT_CALLS.flatMap(({ may }) => may(at)).forEach(([action]) => ofAnyType.add(action));
  });

  /** What the deployment role is tried for, on the very resource where it is of the resource's own service. */
  function has(key: string, action: string): boolean {
    const parts = PARTS[key];
    const own = new Set([...ofType].flatMap(([one, of]) => (one === key || parts?.test(one) ? [...of] : [])));
    const [service, ofOwn] = [action, [...own][0]].map((one) => one?.split(':')[0]);
    return own.has(action) || (service !== ofOwn && ofAnyType.has(action));
  }

  it('of every type that blueprints make', () => {
    const known = [...Object.keys(handlers), ...Object.keys(WITHOUT_SCHEMA)];
    const made = new Set(resources.map(keyOf));
    assert.deepEqual(
      [...made].filter((key) => !known.includes(key)),
      [],
    );
    assert.deepEqual(
      known.filter((key) => !made.has(key)),
      [],
    );
  });

  for (const [key, byHandler] of Object.entries(handlers)) {
    it(`to create, read, update and delete ${key}`, () => {
      const missing = Object.values(byHandler)
        .flatMap((text: string) => text.split(' '))
        .filter((action) => {
          if (has(key, action)) return false;
          const exception = NOT_NEEDED.find(([pattern]) => pattern.test(`${key} ${action}`));
          if (exception) used.add(exception[0]);
          return !exception;
        });
      assert.deepEqual([...new Set(missing)], []);
    });
  }

  after(() => {
    const stale = NOT_NEEDED.filter(([pattern]) => !used.has(pattern)).map(String);
    assert.deepEqual(stale, [], 'exceptions that no schema calls for');
  });
});

function keyOf({ type, inputs }: Registered): string {
  return type === 'aws:cloudcontrol/resource:Resource' ? `${type} ${String(inputs.typeName)}` : type;
}
