/** Model packages on AWS. */
import { DescribeModelPackageCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { client } from './aws-client.ts';
import { orAbsent } from './aws-errors.ts';
import type { Cloud } from './cloud.ts';
import type { ModelPackageDescription } from './model-package.ts';

/** @param settings of the client; the call goes to the region of the package */
export async function describePackage(
  arn: string,
  settings: { region: string },
): Promise<ModelPackageDescription | undefined> {
  const sagemaker = new SageMakerClient({ ...settings, region: arn.split(':')[3] ?? settings.region });
  const found = await orAbsent(sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn })));
  return found && { status: found.ModelPackageStatus ?? '', approvalStatus: found.ModelApprovalStatus ?? '' };
}

export const describeModelPackage: Cloud['describeModelPackage'] = (environment, arn) =>
  describePackage(arn, client(environment));
