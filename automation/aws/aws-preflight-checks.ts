/** Checks whether images, model packages, keys and alarms exist and can be used, and whether AWS offers monitors to the account. */
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListMonitoringSchedulesCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { parseEcrImage } from '../../blueprints/shared/aws/ecr-image.ts';
import type { Need } from '../../blueprints/needs.ts';
import { subjectOf } from '../../blueprints/needs.ts';
import type { PreflightFinding } from '../model.ts';
import { describe, isClosedToAccount, isDenied, orAbsent } from './aws-errors.ts';
import { describePackage } from './aws-model-package.ts';
import type { Look, NeedOf } from './preflight-call.ts';
import { unusablePackage } from './model-package.ts';

/** The checks have the names of the needs, except for instances. */
export function findingOf(need: Need, message: string): PreflightFinding {
  const check = need.kind === 'instances' ? 'instance-quota' : need.kind;
  return { check, subject: subjectOf(need), message: `${need.pointer}: ${message}` };
}

/** @param action that the deployment role needs. @param policy in another account that has to allow it too; default: none */
export function missingPermission(action: string, policy: string | undefined, error: unknown): string {
  const elsewhere = policy ? `; in another account ${policy} has to allow it as well` : '';
  return `Access is denied to the deployment role, which needs ${action}${elsewhere}. AWS says: ${describe(error)}`;
}

async function deniedIsFinding(
  need: Need,
  [action, policy]: [action: string, policy?: string],
  look: () => Promise<PreflightFinding[]>,
): Promise<PreflightFinding[]> {
  try {
    return await look();
  } catch (error) {
    if (!isDenied(error)) throw error;
    return [findingOf(need, missingPermission(action, policy, error))];
  }
}

export async function checkImage(need: NeedOf<'image'>, look: Look): Promise<PreflightFinding[]> {
  const image = parseEcrImage(need.uri);
  // Images outside Amazon ECR were refused with the request.
  if (!image) return [];
  const { accountId: registryId, repository: repositoryName, tag = 'latest', digest } = image;
  const ecr = new ECRClient({ ...look, region: image.region });
  const imageIds = [digest ? { imageDigest: digest } : { imageTag: tag }];
  return deniedIsFinding(need, ['ecr:DescribeImages', 'the policy of the repository'], async () => {
    const found = await orAbsent(ecr.send(new DescribeImagesCommand({ registryId, repositoryName, imageIds })));
    return found?.imageDetails?.length
      ? []
      : [findingOf(need, 'The image is not in its repository: push it, or correct the URI.')];
  });
}

export async function checkPackage(need: NeedOf<'model-package'>, look: Look): Promise<PreflightFinding[]> {
  const permission: [string, string] = ['sagemaker:DescribeModelPackage', 'the policy of the model package group'];
  return deniedIsFinding(need, permission, async () => {
    const reason = unusablePackage(await describePackage(need.arn, look), need.mayBeUnapproved);
    return reason === undefined ? [] : [findingOf(need, reason)];
  });
}

export async function checkKey(need: NeedOf<'kms-key'>, look: Look): Promise<PreflightFinding[]> {
  const region = need.arn.split(':')[3] ?? look.region;
  if (region !== look.region) {
    return [findingOf(need, `The key is in ${region}, but only keys in ${look.region} can be used here.`)];
  }
  const kms = new KMSClient(look);
  return deniedIsFinding(need, ['kms:DescribeKey', 'the key policy'], async () => {
    const found = await orAbsent(kms.send(new DescribeKeyCommand({ KeyId: need.arn })));
    if (!found) return [findingOf(need, 'The key does not exist.')];
    const state = found.KeyMetadata?.KeyState;
    return state === 'Enabled' ? [] : [findingOf(need, `The key is ${state ?? 'in no state'}, not Enabled.`)];
  });
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html: 100 names a call; a request names at most 20 */
export async function checkAlarms(needs: readonly NeedOf<'alarm'>[], look: Look): Promise<PreflightFinding[]> {
  const [first] = needs;
  if (!first) return [];
  const cloudwatch = new CloudWatchClient(look);
  return deniedIsFinding(first, ['cloudwatch:DescribeAlarms'], async () => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: needs.map(({ name }) => name),
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      }),
    );
    const found = new Set([...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName));
    return needs
      .filter(({ name }) => !found.has(name))
      .map((need) => findingOf(need, 'The alarm does not exist in this account and region.'));
  });
}

/**
 * AWS no longer opens Model Monitor to new accounts, and no call says whether an account has it: a harmless one of its calls is
 * made. If it is answered, the account may still not be able to create monitors; then the error of that call has a hint.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-availability-change.html
 */
export async function checkModelMonitor(
  [need]: readonly NeedOf<'model-monitor'>[],
  look: Look,
): Promise<PreflightFinding[]> {
  if (!need) return [];
  try {
    await new SageMakerClient(look).send(new ListMonitoringSchedulesCommand({ MaxResults: 1 }));
    return [];
  } catch (error) {
    if (!isClosedToAccount(error)) throw error;
    return [findingOf(need, `${NO_MONITORS} AWS says: ${describe(error)}`)];
  }
}

const NO_MONITORS =
  'AWS does not offer Model Monitor to this account, whatever its permissions: it no longer opens it to new accounts. ' +
  'Deploy monitors to an account that has used it before.';
