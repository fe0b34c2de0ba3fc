/** Whether the model package of a request may be deployed; checked on arrival, while the request can still be refused. */
import { RequestInvalid } from '../../blueprints/faults.ts';
import type { PipelineRequest } from '../../blueprints/blueprint.ts';
import type { Cloud } from '../aws/cloud.ts';
import { unusablePackage } from '../aws/model-package.ts';
import type { ModelPackageDescription } from '../aws/model-package.ts';
import type { Environment } from '../config/environments.ts';

/**
 * An unavailable registry is no reason to refuse: every deployment checks again, and reports the error of AWS.
 * @throws RequestInvalid naming `/model_package_name`
 */
export async function assertPackageUsable(
  cloud: Pick<Cloud, 'describeModelPackage'>,
  environment: Environment,
  request: PipelineRequest,
  settings: { allowUnapprovedModelPackages: boolean },
): Promise<void> {
  const { model_package_name: arn } = request;
  if (typeof arn !== 'string') return;
  let found: ModelPackageDescription | undefined;
  try {
    found = await cloud.describeModelPackage(environment, arn);
  } catch {
    return;
  }
  const message = unusablePackage(found, settings.allowUnapprovedModelPackages);
  if (message === undefined) return;
  throw new RequestInvalid(`Bad request. ${message}`, [
    { pointer: '/model_package_name', message, rule: 'conflict', value: arn },
  ]);
}
