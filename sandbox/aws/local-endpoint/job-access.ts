/** What a job's role must be allowed to access: derived from the request that creates the job. Pure. */
import type { Properties, Property } from '../../provider.ts';
import type { Scope } from '../partitions.ts';
import type { Access } from '../permissions.ts';
import { isObject, object, text } from '../properties.ts';

const READ = new Set(['S3DataSource', 'S3Input']);
const KEY_ACTIONS = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** Data that is read, places that are written, keys: wherever the request names them. */
export function accessOfJob(request: Properties, scope: Scope): Access[] {
  return [...reads(request, scope), ...writes(request, scope)];
}

function reads(value: Property, scope: Scope): Access[] {
  return members(value).flatMap(([key, member]) => {
    if (!READ.has(key) || !isObject(member)) return reads(member, scope);
    const [bucket, path] = split(text(member, 'S3Uri'));
    const bucketArn = `arn:${scope.partition}:s3:::${bucket}`;
    return [
      { action: 's3:GetObject', resource: `${bucketArn}/${path}` },
      { action: 's3:ListBucket', resource: bucketArn, context: { 's3:prefix': path } },
    ];
  });
}

function writes(value: Property, scope: Scope): Access[] {
  return members(value).flatMap(([key, member]) => {
    if (!isObject(member)) return writes(member, scope);
    const uri = text(member, 'S3OutputPath') || (key === 'S3Output' ? text(member, 'S3Uri') : '');
    const keyArn = text(member, 'KmsKeyId');
    const [bucket, path] = split(uri);
    const file = [path.replace(/\/$/, ''), 'output'].filter(Boolean).join('/');
    return [
      ...(uri === '' ? [] : [{ action: 's3:PutObject', resource: `arn:${scope.partition}:s3:::${bucket}/${file}` }]),
      ...(keyArn.includes(':key/') ? KEY_ACTIONS.map((action) => ({ action, resource: keyArn })) : []),
      ...writes(member, scope),
    ];
  });
}

function members(value: Property): [string, Property][] {
  return typeof value === 'object' && value !== null ? Object.entries(value as Record<string, Property>) : [];
}

function split(uri: string): [bucket: string, path: string] {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(uri) ?? [];
  return [bucket, path];
}

/** The role that the job's containers have: its own, or that of the model. */
export function roleOfJob(request: Properties, rolePath: string | undefined, modelInputs: Properties): string {
  if (!rolePath) return text(modelInputs, 'executionRoleArn');
  const [outer = '', inner] = rolePath.split('.');
  return inner ? text(object(request, outer), inner) : text(request, outer);
}
