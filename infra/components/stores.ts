/** Where users keep the inputs of pipelines: assets bucket, image repository, model registry. Adopted, or created and retained. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import type { Settings } from '../config.ts';
import { resourcePolicy, shareBucket, shareModelPackageGroup, shareRepository } from '../environment/sharing.ts';
import { childOf, keptOf } from './options.ts';
import { SecureBucket, takeAccessLogs } from './secure-bucket.ts';

const ACCESS_LOG_DAYS = 365;
const UNTAGGED_IMAGE_DAYS = 14;

export interface StoresArgs {
  place: Place;
  settings: Pick<Settings, 'existingS3Bucket' | 'existingECRRepository' | 'createModelRegistry'>;
  /** The environment accounts, which may read what is created here, and nothing else. Empty: no other account. */
  readerAccounts: readonly string[];
}

/**
 * What is adopted is not touched: policies, versioning and events of an existing bucket are its owner's business
 * (docs/deploy.md says which are needed). Changing a name from none to an existing one leaves the former one where it is.
 */
export class Stores extends pulumi.ComponentResource {
  readonly assetsBucket: pulumi.Output<string>;
  readonly repositoryName: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;
  /** Undefined where none is made. */
  readonly modelPackageGroup: pulumi.Output<string> | undefined;
  readonly modelPackageGroupArn: pulumi.Output<string> | undefined;
  /** The bucket for the access logs of the others. */
  readonly accessLogBucket: pulumi.Output<string>;

  constructor(name: string, args: StoresArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Stores', name, {}, options);
    const { place, settings, readerAccounts } = args;
    this.accessLogBucket = new SecureBucket(
      `${name}-access-logs`,
      {
        expireAfterDays: ACCESS_LOG_DAYS,
        statements: (_bucket, arn) => [takeAccessLogs(arn, place.accountId)],
      },
      childOf(this),
    ).name;
    this.assetsBucket = settings.existingS3Bucket
      ? pulumi.output(settings.existingS3Bucket)
      : new SecureBucket(
          `${name}-assets`,
          {
            accessLogBucket: this.accessLogBucket,
            events: true,
            statements: (bucket) => shareBucket(place, bucket, readerAccounts),
          },
          childOf(this),
        ).name;
    this.repositoryName = settings.existingECRRepository
      ? pulumi.output(settings.existingECRRepository)
      : createRepository(name, args, this);
    const ecr = `arn:${place.partition}:ecr:${place.region}:${place.accountId}:repository`;
    this.repositoryArn = pulumi.interpolate`${ecr}/${this.repositoryName}`;
    const group = settings.createModelRegistry ? createModelPackageGroup(name, args, this) : undefined;
    this.modelPackageGroup = group?.modelPackageGroupName;
    this.modelPackageGroupArn = group?.arn;
    this.registerOutputs({ assetsBucket: this.assetsBucket, repositoryName: this.repositoryName });
  }
}

/** For the images of custom algorithms. Tags can be moved: `latest` is common in training. */
function createRepository(
  name: string,
  { place, readerAccounts }: StoresArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const repository = new aws.ecr.Repository(
    `${name}-algorithms`,
    { imageScanningConfiguration: { scanOnPush: true }, encryptionConfigurations: [{ encryptionType: 'AES256' }] },
    keptOf(parent),
  );
  new aws.ecr.LifecyclePolicy(
    `${name}-algorithms`,
    {
      repository: repository.name,
      policy: {
        rules: [
          {
            rulePriority: 1,
            description: 'Images that no tag names any more',
            selection: {
              tagStatus: 'untagged',
              countType: 'sinceImagePushed',
              countUnit: 'days',
              countNumber: UNTAGGED_IMAGE_DAYS,
            },
            action: { type: 'expire' },
          },
        ],
      },
    },
    keptOf(parent),
  );
  const policy = resourcePolicy(...shareRepository(place, readerAccounts));
  if (policy) {
    new aws.ecr.RepositoryPolicy(
      `${name}-algorithms`,
      { repository: repository.name, policy: JSON.stringify(policy) },
      keptOf(parent),
    );
  }
  return repository.name;
}

/** Package groups are not auto-named, and a retained one must not conflict with the next installation. */
function createModelPackageGroup(
  name: string,
  { place, readerAccounts }: StoresArgs,
  parent: pulumi.Resource,
): aws.sagemaker.ModelPackageGroup {
  const suffix = new random.RandomString(
    `${name}-model-registry`,
    { length: 8, lower: true, numeric: true, special: false, upper: false },
    childOf(parent),
  );
  const group = new aws.sagemaker.ModelPackageGroup(
    `${name}-model-registry`,
    {
      modelPackageGroupName: pulumi.interpolate`mlops-model-registry-${suffix.result}`,
      modelPackageGroupDescription: 'Models of the MLOps Workload Orchestrator',
    },
    keptOf(parent),
  );
  if (readerAccounts.length > 0) {
    new aws.sagemaker.ModelPackageGroupPolicy(
      `${name}-model-registry`,
      {
        modelPackageGroupName: group.modelPackageGroupName,
        resourcePolicy: group.modelPackageGroupName.apply((groupName) =>
          JSON.stringify(resourcePolicy(...shareModelPackageGroup(place, groupName, readerAccounts))),
        ),
      },
      keptOf(parent),
    );
  }
  return group;
}
