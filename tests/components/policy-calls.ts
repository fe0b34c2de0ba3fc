/** What the specs of policies share: stacks, ARNs, and the calls that nothing of ours may make. */
import { before } from 'mocha';
import type { PipelineType } from '../../blueprints/blueprint.ts';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { SINGLE, accepted, body } from '../unit/blueprints/requests.ts';
import type { Call } from './policy-simulator.ts';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT, RANDOM, REGION, run } from '../../blueprints/testing.ts';

export const NAME = 'mlops-pipeline-my-model-name-postfix';
export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`;
const OTHER_KEY = `arn:aws:kms:${REGION}:222222222222:key/12345678-1234-1234-1234-123456789012`;

export const arn = (service: string, resource: string, account = ACCOUNT) =>
  `arn:aws:${service}:${REGION}:${account}:${resource}`;
export const sagemaker = (resource: string) => arn('sagemaker', resource);
export const object = (path: string) => `arn:aws:s3:::${path}`;
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}-role-${RANDOM}`;
export const list = (bucket: string, prefix: string): Call => [
  's3:ListBucket',
  object(bucket),
  { 's3:prefix': prefix },
];
/** Handing over the role of that logical name. */
export const pass = (name: string, service = 'sagemaker.amazonaws.com'): Call => [
  'iam:PassRole',
  role(name),
  { 'iam:PassedToService': service },
];

/** Nothing of ours has any business with these. */
export const NEVER: readonly Call[] = [
  ['iam:CreateRole', `arn:aws:iam::${ACCOUNT}:role/any`],
  ['iam:PutRolePolicy', role(`${NAME}-training`)],
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/admin`, { 'iam:PassedToService': 'sagemaker.amazonaws.com' }],
  ['iam:AttachRolePolicy', role(`${NAME}-job`)],
  ['iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/any`],
  ['sts:AssumeRole', role(`${NAME}-training`)],
  ['sts:AssumeRole', 'arn:aws:iam::222222222222:role/any'],
  ['lambda:InvokeFunction', arn('lambda', `function:${NAME}-job-function-${RANDOM}`)],
  ['secretsmanager:GetSecretValue', arn('secretsmanager', 'secret:any-abcdef')],
  ['s3:DeleteObject', object('assets-bucket/path/to/training_data.csv')],
  ['s3:GetObject', object('another-bucket/path/to/training_data.csv')],
  ['s3:PutObject', object('assets-bucket/path/to/training_data.csv')],
  ['s3:PutBucketPolicy', object('assets-bucket')],
  ['sagemaker:CreateModel', sagemaker('model/any')],
  ['sagemaker:DeleteModel', sagemaker('model/any')],
  ['sagemaker:UpdateEndpoint', sagemaker('endpoint/my-endpoint')],
  ['sagemaker:DeleteEndpoint', sagemaker('endpoint/my-endpoint')],
  ['sagemaker:CreateTrainingJob', sagemaker('training-job/another')],
  ['kms:Decrypt', OTHER_KEY],
  ['kms:ScheduleKeyDeletion', KEY],
];

/** A stack of the type’s example with some keys changed, made before the calls are asked. */
export function made(type: PipelineType, changes: Record<string, unknown> = {}, settings = SINGLE): () => Run {
  let result: Run | undefined;
  before(async () => {
    const { request } = accepted(body(type, changes, settings), settings);
    const program = await BLUEPRINTS[type].loadProgram?.();
    if (!program) throw new Error(`${type} has no program`);
    result = await run(program, request);
  });
  return () => {
    if (!result) throw new Error('not made yet');
    return result;
  };
}
