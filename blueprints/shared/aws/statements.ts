/** Statements that the roles of several blueprints share. */
import { parseEcrImage } from './ecr-image.ts';
import type { ModelSource } from './model-source.ts';
import type { Place } from './place.ts';
import type { Statement } from './policies.ts';
import { literal } from './policies.ts';

/** What a model's role needs to load it: the artifact, the image, and the package that names them. */
export function readModel(model: ModelSource, place: Place): Statement[] {
  if ('modelPackageArn' in model) {
    const bucket = `arn:${place.partition}:s3:::${model.assetsBucket}`;
    return [
      {
        Sid: 'ReadModelPackage',
        Effect: 'Allow',
        Action: 'sagemaker:DescribeModelPackage',
        Resource: model.modelPackageArn,
      },
      // Only the package knows its artifact: any of the assets.
      { Sid: 'ReadModelArtifact', Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/*` },
      { Sid: 'ListModelArtifact', Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket },
      // Only the package knows its image, which may be SageMaker's own or lie in the account that trained the model. Other
      // accounts' repositories have their own policies for pulling.
      ...pullImage(`arn:${place.partition}:ecr:${place.region}:*:repository/*`),
    ];
  }
  const [bucket = '', ...key] = model.modelDataUrl.replace(/^s3:\/\//, '').split('/');
  const bucketArn = `arn:${place.partition}:s3:::${bucket}`;
  const image = parseEcrImage(model.image);
  return [
    {
      Sid: 'ReadModelArtifact',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `${bucketArn}/${literal(key.join('/'))}`,
    },
    {
      Sid: 'ListModelArtifact',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': literal(key.join('/')) } },
    },
    ...(image
      ? pullImage(`arn:${place.partition}:ecr:${image.region}:${image.accountId}:repository/${image.repository}`)
      : []),
  ];
}

/** @param repositoryArn of one repository, or a pattern */
export function pullImage(repositoryArn: string): Statement[] {
  return [
    {
      Sid: 'PullImage',
      Effect: 'Allow',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: repositoryArn,
    },
    // A token is for the whole registry: ECR has no resource to name.
    { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
  ];
}

/** What SageMaker needs of a key, on behalf of the role, for data and volumes. */
export function useKey(keyArn: string): Statement[] {
  return [
    {
      Sid: 'UseKey',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
      Resource: keyArn,
    },
    {
      // SageMaker attaches encrypted volumes through grants, and only AWS services may be given one.
      Sid: 'LetVolumesUseKey',
      Effect: 'Allow',
      Action: 'kms:CreateGrant',
      Resource: keyArn,
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
  ];
}

/** What the installation's settings let every container touch: more data to read, more namespaces for metrics. */
export function containerAccess({ partition, containers }: Place): Statement[] {
  const { readLocations = [], metricNamespaces = [] } = containers ?? {};
  const read = readLocations.map((location) => {
    const [bucket = '', ...prefix] = location.split('/');
    return { bucketArn: `arn:${partition}:s3:::${bucket}`, below: literal(prefix.join('/')) };
  });
  return [
    ...(read.length > 0
      ? [
          {
            Sid: 'ReadMoreData',
            Effect: 'Allow' as const,
            Action: 's3:GetObject',
            Resource: read.map(({ bucketArn, below }) => `${bucketArn}/${below}*`),
          },
        ]
      : []),
    ...read.map(({ bucketArn, below }, index) => ({
      Sid: `ListMoreData${index + 1}`,
      Effect: 'Allow' as const,
      Action: 's3:ListBucket',
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': `${below}*` } },
    })),
    ...(metricNamespaces.length > 0 ? [{ ...writeMetrics(...metricNamespaces), Sid: 'WriteMoreMetrics' }] : []),
  ];
}

/** Reads objects below a key or prefix of a bucket, and lists just these. Training reads prefixes, and SageMaker lists first. */
export function readObjects(sid: string, place: Place, bucket: string, prefixes: readonly string[]): Statement[] {
  const bucketArn = `arn:${place.partition}:s3:::${bucket}`;
  return [
    {
      Sid: `Read${sid}`,
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: prefixes.map((prefix) => `${bucketArn}/${literal(prefix)}*`),
    },
    {
      Sid: `List${sid}`,
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucketArn,
      Condition: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${literal(prefix)}*`) } },
    },
  ];
}

/** Writes below a place, `bucket/prefix`. */
export function writeObjects(sid: string, place: Place, location: string): Statement {
  return {
    Sid: `Write${sid}`,
    Effect: 'Allow',
    Action: ['s3:PutObject', 's3:AbortMultipartUpload'],
    Resource: `arn:${place.partition}:s3:::${literal(location)}/*`,
  };
}

/**
 * A job writes its containers' log below the group of its kind.
 * @param group such as `TrainingJobs`
 * @param jobNames patterns; the streams are `<job name>/<container>`
 */
export function writeJobLogs(place: Place, group: string, jobNames: readonly string[]): Statement {
  const arn = `arn:${place.partition}:logs:${place.region}:${place.accountId}:log-group:/aws/sagemaker/${group}`;
  return {
    Sid: 'WriteLogs',
    Effect: 'Allow',
    Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    Resource: [arn, ...jobNames.map((name) => `${arn}:log-stream:${name.endsWith('*') ? name : `${name}/*`}`)],
  };
}

/** Writes to a log group that exists. @param logGroupArn without `:*` */
export function writeLog(logGroupArn: string): Statement {
  return {
    Sid: 'WriteLog',
    Effect: 'Allow',
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: `${logGroupArn}:*`,
  };
}

/** `cloudwatch:PutMetricData` takes no resource; the namespaces bound it. */
export function writeMetrics(...namespaces: string[]): Statement {
  return {
    Sid: 'WriteMetrics',
    Effect: 'Allow',
    Action: 'cloudwatch:PutMetricData',
    Resource: '*',
    Condition: { StringEquals: { 'cloudwatch:namespace': namespaces } },
  };
}

/**
 * Lets a function make jobs of one name prefix, see its own, and hand them their role.
 * @param kind as in SageMaker's ARNs, such as `training-job`
 * @param operation such as `TrainingJob`: the actions are Create… and Describe…
 */
export function makeJobs(
  place: Place,
  { kind, operation, names }: { kind: string; operation: string; names: readonly string[] },
  roleArn: string,
): Statement[] {
  // SageMaker lower-cases names in ARNs; IAM compares them as they are.
  const all = [...new Set(names.flatMap((name) => [name, name.toLowerCase()]))];
  const jobs = all.map((name) => `arn:${place.partition}:sagemaker:${place.region}:${place.accountId}:${kind}/${name}`);
  return [
    {
      Sid: 'MakeJob',
      Effect: 'Allow',
      Action: [
        `sagemaker:Create${operation}`,
        `sagemaker:Describe${operation}`,
        'sagemaker:AddTags',
        'sagemaker:ListTags',
      ],
      Resource: jobs,
    },
    {
      Sid: 'HandRoleToJob',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: roleArn,
      Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    },
  ];
}
