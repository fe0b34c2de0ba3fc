/**
 * What the orchestrator's account shares with the environment accounts, and no one else: statements for the policies of
 * its bucket, repository, model package group and keys. Only reads: a package is approved where it was registered.
 */
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { Statement } from '../../blueprints/shared/aws/policies.ts';

/** A statement of a resource policy: it has principals. */
export interface ResourceStatement extends Omit<Statement, 'Resource'> {
  Principal: '*' | { AWS: string | string[] } | { Service: string | string[] };
  /** ECR's policies have none. */
  Resource?: string | string[];
}

export interface ResourcePolicy {
  Version: '2012-10-17';
  Statement: ResourceStatement[];
}

/** The principals, in an order that does not depend on that of the accounts. @returns undefined if there are none */
function accounts({ partition }: Place, accountIds: readonly string[]): { AWS: string[] } | undefined {
  const roots = [...new Set(accountIds)].sort().map((id) => `arn:${partition}:iam::${id}:root`);
  return roots.length > 0 ? { AWS: roots } : undefined;
}

/**
 * For the policy of the assets bucket: artifacts and baselines are read from every environment.
 * @param place of the orchestrator
 * @param accountIds of the environments; none: no statements
 */
export function shareBucket(place: Place, bucket: string, accountIds: readonly string[]): ResourceStatement[] {
  const Principal = accounts(place, accountIds);
  if (!Principal) return [];
  const arn = `arn:${place.partition}:s3:::${bucket}`;
  return [
    { Sid: 'ReadFromEnvironments', Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: `${arn}/*` },
    {
      Sid: 'ListFromEnvironments',
      Effect: 'Allow',
      Principal,
      Action: 's3:ListBucket',
      Resource: arn,
    },
  ];
}

/** For the policy of the repository: SageMaker pulls with the role of the model, so the accounts are enough. */
export function shareRepository(place: Place, accountIds: readonly string[]): ResourceStatement[] {
  const Principal = accounts(place, accountIds);
  if (!Principal) return [];
  return [
    {
      Sid: 'PullFromEnvironments',
      Effect: 'Allow',
      Principal,
      Action: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:DescribeImages',
        'ecr:GetDownloadUrlForLayer',
      ],
    },
  ];
}

/**
 * For the policy of the model package group. Unlike the original's, it does not let environments update packages, because that
 * includes the approval of versions.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
 */
export function shareModelPackageGroup(
  place: Place,
  group: string,
  accountIds: readonly string[],
): ResourceStatement[] {
  const Principal = accounts(place, accountIds);
  if (!Principal) return [];
  const sagemaker = `arn:${place.partition}:sagemaker:${place.region}:${place.accountId}`;
  return [
    {
      Sid: 'AddPermModelPackageGroup',
      Effect: 'Allow',
      Principal,
      Action: 'sagemaker:DescribeModelPackageGroup',
      Resource: `${sagemaker}:model-package-group/${group}`,
    },
    {
      Sid: 'AddPermModelPackageVersion',
      Effect: 'Allow',
      Principal,
      Action: ['sagemaker:CreateModel', 'sagemaker:DescribeModelPackage', 'sagemaker:ListModelPackages'],
      Resource: `${sagemaker}:model-package/${group}/*`,
    },
  ];
}

/** For the policy of a key that the bucket's objects are encrypted with: to read them through S3, and for nothing else. */
export function shareKey(place: Place, accountIds: readonly string[]): ResourceStatement[] {
  const Principal = accounts(place, accountIds);
  if (!Principal) return [];
  return [
    {
      Sid: 'DecryptFromEnvironments',
      Effect: 'Allow',
      Principal,
      Action: 'kms:Decrypt',
      // In a key policy, this is the key itself.
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': `s3.${place.region}.${place.dnsSuffix}` } },
    },
    { Sid: 'LookFromEnvironments', Effect: 'Allow', Principal, Action: 'kms:DescribeKey', Resource: '*' },
  ];
}

/** Statements → policy. @returns undefined for none: AWS rejects a policy without statements */
export function resourcePolicy(...statements: ResourceStatement[]): ResourcePolicy | undefined {
  return statements.length > 0 ? { Version: '2012-10-17', Statement: statements } : undefined;
}
