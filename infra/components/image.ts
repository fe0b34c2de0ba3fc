/** The image of the service: a ready one, or built from the Dockerfile and pushed to a repository of this account. */
import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import * as pulumi from '@pulumi/pulumi';
import { childOf, remoteChildOf } from './options.ts';

/** Programs run in the folder of their main file, so the project is the parent folder. */
const PROJECT = '..';
const KEPT_VERSIONS = 10;
/** A build pushes an index, the image itself and its provenance attestation: ECR counts each of them. */
const MANIFESTS_PER_VERSION = 3;

/**
 * @param imageUri a ready image; empty builds one, which needs a Docker engine where `pulumi up` runs
 * @returns the image, by digest where it was built
 */
export function serviceImage(name: string, imageUri: string, parent: pulumi.Resource): pulumi.Output<string> {
  if (imageUri !== '') return pulumi.output(imageUri);
  const repository = new aws.ecr.Repository(
    `${name}-service`,
    {
      imageScanningConfiguration: { scanOnPush: true },
      imageTagMutability: 'MUTABLE',
      // Built from the source, so nothing is lost with it.
      forceDelete: true,
    },
    childOf(parent),
  );
  new aws.ecr.LifecyclePolicy(
    `${name}-service`,
    {
      repository: repository.name,
      policy: {
        rules: [
          {
            rulePriority: 1,
            description: `The last ${KEPT_VERSIONS} versions, to roll back to`,
            selection: {
              tagStatus: 'any',
              countType: 'imageCountMoreThan',
              countNumber: KEPT_VERSIONS * MANIFESTS_PER_VERSION,
            },
            action: { type: 'expire' },
          },
        ],
      },
    },
    childOf(parent),
  );
  return new awsx.ecr.Image(
    `${name}-service`,
    {
      repositoryUrl: repository.repositoryUrl,
      context: PROJECT,
      dockerfile: `${PROJECT}/Dockerfile`,
      platform: 'linux/amd64',
    },
    remoteChildOf(parent),
  ).imageUri;
}
