/** What must exist before a deployment can succeed, as data: the blueprint lists it, the preflight checks it. Pure. */

/** What SageMaker counts instances by. @see https://docs.aws.amazon.com/general/latest/gr/sagemaker.html (service quotas) */
export type InstanceUsage = 'endpoint' | 'training job' | 'spot training job' | 'transform job' | 'processing job';

/** `pointer` is the JSON pointer of the key that asks for it. */
export type Need = { readonly pointer: string } &
  /** With `uri`, of what is written there: at most `uriLimit` characters. */
  (
    | { readonly kind: 'bucket'; readonly bucket: string; readonly uri?: string; readonly uriLimit?: number }
    /** One object, or with `isPrefix` at least one whose key begins so. */
    | { readonly kind: 'object'; readonly bucket: string; readonly key: string; readonly isPrefix: boolean }
    /** In a private registry of Amazon ECR, of whichever account. */
    | { readonly kind: 'image'; readonly uri: string }
    | { readonly kind: 'model-package'; readonly arn: string; readonly mayBeUnapproved: boolean }
    | { readonly kind: 'kms-key'; readonly arn: string }
    | { readonly kind: 'alarm'; readonly name: string }
    /** Of SageMaker, which AWS does not offer to every account. */
    | { readonly kind: 'model-monitor' }
    /** A name for a new endpoint, which no other endpoint may have. */
    | { readonly kind: 'endpoint-name'; readonly name: string }
    /** Of Amazon SNS. */
    | { readonly kind: 'topic'; readonly arn: string }
    | {
        readonly kind: 'instances';
        readonly instanceType: string;
        readonly usage: InstanceUsage;
        /** At the same time. */
        readonly count: number;
      }
  );

/** What needs depend on in addition to the request. */
export interface NeedsPlace {
  /** Bucket of the guide's "assets" keys. */
  assetsBucket: string;
  /** `ALLOW_UNAPPROVED_MODEL_PACKAGES` */
  allowUnapprovedModelPackages: boolean;
}

/** The bucket of a `bucket/prefix`. */
export function bucketNeed(key: string, location: string): Need {
  const [bucket = ''] = location.split('/');
  return { kind: 'bucket', pointer: `/${key}`, bucket };
}

/** A place that a job writes below. @param uriLimit of what SageMaker is given, in characters */
export function outputNeed(key: string, bucket: string, prefix: string, uriLimit: number): Need {
  return { kind: 'bucket', pointer: `/${key}`, bucket, uri: `s3://${bucket}/${prefix}`, uriLimit };
}

/** @param location `bucket/key`; SageMaker reads everything that begins so */
export function dataNeed(key: string, location: string): Need {
  const [bucket = '', ...path] = location.split('/');
  return { kind: 'object', pointer: `/${key}`, bucket, key: path.join('/'), isPrefix: true };
}

/** One file in the assets bucket. */
export function assetNeed(key: string, { assetsBucket: bucket }: NeedsPlace, path: string): Need {
  return { kind: 'object', pointer: `/${key}`, bucket, key: path, isPrefix: false };
}

export function keyNeeds(key: string, arn: string | undefined): Need[] {
  return arn ? [{ kind: 'kms-key', pointer: `/${key}`, arn }] : [];
}

export function instancesNeed(key: string, instanceType: string, usage: InstanceUsage, count = 1): Need {
  return { kind: 'instances', pointer: `/${key}`, instanceType, usage, count };
}

/** How a need is displayed, and identified among others: `s3://bucket/key`, an ARN, an image, `quota:ml.m5.large`, `model-monitor`. */
export function subjectOf(need: Need): string {
  switch (need.kind) {
    case 'bucket':
      return `s3://${need.bucket}`;
    case 'object':
      return `s3://${need.bucket}/${need.key}`;
    case 'image':
      return need.uri;
    case 'model-package':
    case 'kms-key':
    case 'topic':
      return need.arn;
    case 'endpoint-name':
      return `endpoint:${need.name}`;
    case 'alarm':
      return `alarm:${need.name}`;
    case 'model-monitor':
      return need.kind;
    case 'instances':
      return `quota:${need.instanceType}`;
  }
}
