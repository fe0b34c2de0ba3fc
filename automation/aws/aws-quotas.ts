/** Checks the quotas of the account for the requested instances. Service Quotas identifies them only by name. */
import type { ServiceQuota } from '@aws-sdk/client-service-quotas';
import {
  ListAWSDefaultServiceQuotasCommand,
  ListServiceQuotasCommand,
  ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import type { PreflightFinding } from '../model.ts';
import { isDenied } from './aws-errors.ts';
import type { Look, NeedOf } from './preflight-call.ts';
import { findingOf, missingPermission } from './aws-preflight-checks.ts';

type InstancesNeed = NeedOf<'instances'>;

/** Some 1,300 quotas of SageMaker, in pages of the largest size. */
const PAGE = { ServiceCode: 'sagemaker', MaxResults: 100 };

/** Name in Service Quotas: `ml.m5.large for endpoint usage`. */
function quotaName({ instanceType, usage }: InstancesNeed): string {
  return `${instanceType} for ${usage} usage`;
}

/** A type that Service Quotas does not have is not a finding: the error of SageMaker says more. */
export async function checkQuotas(needs: readonly InstancesNeed[], look: Look): Promise<PreflightFinding[]> {
  const [first] = needs;
  if (!first) return [];
  const quotas = new ServiceQuotasClient(look);
  const values = new Map<string, number>();
  try {
    // Only quotas that were changed once have an applied value; the others have the default.
    await collect(values, needs, (NextToken) => quotas.send(new ListServiceQuotasCommand({ ...PAGE, NextToken })));
    await collect(values, needs, (NextToken) =>
      quotas.send(new ListAWSDefaultServiceQuotasCommand({ ...PAGE, NextToken })),
    );
  } catch (error) {
    if (!isDenied(error)) throw error;
    const actions = 'servicequotas:ListServiceQuotas and servicequotas:ListAWSDefaultServiceQuotas';
    return [findingOf(first, missingPermission(actions, undefined, error))];
  }
  return needs.flatMap((need) => {
    const value = values.get(quotaName(need));
    if (value === undefined || value >= need.count) return [];
    const message =
      `The quota of the account is ${value} × ${quotaName(need)}, but ${need.count} are required: ` +
      'have the quota raised in Service Quotas, or choose another instance type.';
    return [findingOf(need, message)];
  });
}

interface Page {
  Quotas?: ServiceQuota[] | undefined;
  NextToken?: string | undefined;
}

/** Adds missing values, and stops reading when all are found. */
async function collect(
  values: Map<string, number>,
  needs: readonly InstancesNeed[],
  read: (token: string | undefined) => Promise<Page>,
): Promise<void> {
  const wanted = new Set(needs.map(quotaName).filter((name) => !values.has(name)));
  for (let token: string | undefined; wanted.size > 0;) {
    const { Quotas = [], NextToken } = await read(token);
    for (const { QuotaName = '', Value } of Quotas) {
      if (Value !== undefined && wanted.delete(QuotaName)) values.set(QuotaName, Value);
    }
    if (!NextToken) return;
    token = NextToken;
  }
}
