/** Inputs of `pulumi:providers:aws`, as far as the sandbox acts on them. */
import type { CheckFailure, Properties, Property } from '../provider.ts';
import { ProviderError, UNKNOWN } from '../provider.ts';
import type { SandboxAwsSettings } from '../config.ts';
import type { Caller } from './assume-role.ts';
import { ROLE_ARN, assumeRole, ownCaller } from './assume-role.ts';
import { AwsRefusal, operationError } from './aws-errors.ts';
import type { CheckSettings } from './check.ts';
import { hasUnknown, isAbsent, isObject, object, objects, text } from './properties.ts';
import { isRegion } from './partitions.ts';

/** A configured provider instance. */
export interface ProviderSettings extends CheckSettings {
  accountId: string;
  /** What GetCallerIdentity says. */
  callerArn: string;
}

/** Inputs that are not text arrive as JSON text; these are the ones that the sandbox reads. */
const ENCODED = [
  'assumeRoles',
  'allowedAccountIds',
  'forbiddenAccountIds',
  'defaultTags',
  'ignoreTags',
  'skipRequestingAccountId',
];

/** What is wrong with the provider's inputs by their form alone: nothing is asked of AWS. */
export function checkProviderInputs(given: Properties): CheckFailure[] {
  const inputs = known(given);
  const failures: CheckFailure[] = [];
  const fail = (property: string, reason: string): void => void failures.push({ property, reason });
  if (!isAbsent(inputs['assumeRole'])) {
    fail('assumeRole', `invalid config key 'aws:assumeRole', should be 'aws:assumeRoles'`);
  }
  const decoded = decode(inputs, fail);
  const roles = decoded['assumeRoles'];
  if (!isAbsent(roles) && !Array.isArray(roles)) fail('assumeRoles', 'assumeRoles must be an array of roles');
  objects(decoded, 'assumeRoles').forEach((role, index) => {
    const roleArn = text(role, 'roleArn');
    if (!ROLE_ARN.test(roleArn))
      fail('assumeRoles', `assumeRoles[${index}].roleArn: "${roleArn}" is not the ARN of a role`);
  });
  const both = ['allowedAccountIds', 'forbiddenAccountIds'].every((key) => !isAbsent(decoded[key]));
  if (both) fail('allowedAccountIds', '"allowed_account_ids": conflicts with forbidden_account_ids');
  const region = text(inputs, 'region');
  if (region !== '' && !isRegion(region)) fail('region', `invalid AWS Region: ${region}`);
  return failures;
}

/** What is not known yet, in a preview, cannot be wrong yet. */
function known(inputs: Properties): Properties {
  const isKnown = (value: Property): boolean =>
    !(typeof value === 'string' ? value.includes(UNKNOWN) : hasUnknown(value));
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => isKnown(value)));
}

function decode(inputs: Properties, fail: (property: string, reason: string) => void): Properties {
  const decoded: Properties = {};
  for (const key of ENCODED) {
    const value = inputs[key];
    if (isAbsent(value)) continue;
    try {
      decoded[key] = typeof value === 'string' ? (JSON.parse(value) as Property) : (value as Property);
    } catch {
      fail(key, `${key}: expected JSON, got ${JSON.stringify(value)}`);
    }
  }
  return decoded;
}

/**
 * Configures an instance: who the caller is, and where.
 * @throws ProviderError for inputs of the wrong form, a missing region, an account that may not be assumed or is not allowed.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/provider/
 */
export function readProviderInputs(given: Properties, sandbox: SandboxAwsSettings): ProviderSettings {
  const inputs = known(given);
  const failures = checkProviderInputs(inputs);
  if (failures.length > 0) throw new ProviderError(failures.map((failure) => failure.reason).join('\n'));
  const decoded = decode(inputs, () => undefined);
  const region = inputs['region'] === undefined || inputs['region'] === null ? sandbox.region : text(inputs, 'region');
  if (region === '') {
    throw new ProviderError(
      'Missing region configuration: Make sure you have set your AWS region, e.g. `pulumi config set aws:region us-west-2`.',
    );
  }
  const { accountId, callerArn } = assume(objects(decoded, 'assumeRoles'), region, sandbox);
  requireAllowed(accountId, decoded);
  const ignoreTags = object(decoded, 'ignoreTags');
  return {
    accountId,
    callerArn,
    region,
    defaultTags: textsOf(object(object(decoded, 'defaultTags'), 'tags')),
    ignoreTags: { keys: texts(ignoreTags['keys']), keyPrefixes: texts(ignoreTags['keyPrefixes']) },
  };
}

/** Assumes the roles in order; the last one is who the caller is from then on. */
function assume(roles: Properties[], region: string, sandbox: SandboxAwsSettings): Caller {
  return roles.reduce(
    (caller, role) => {
      const roleArn = text(role, 'roleArn');
      const wanted = { roleArn, externalId: text(role, 'externalId'), sessionName: text(role, 'sessionName') };
      try {
        return assumeRole(wanted, caller, region, sandbox);
      } catch (error) {
        if (!(error instanceof AwsRefusal)) throw error;
        throw new ProviderError(cannotAssume(roleArn, error, sandbox), { cause: error });
      }
    },
    ownCaller(sandbox, region),
  );
}

function cannotAssume(roleArn: string, refusal: AwsRefusal, sandbox: SandboxAwsSettings): string {
  return (
    `Cannot assume IAM Role. IAM Role (${roleArn}) cannot be assumed.\n\n` +
    `There are a number of possible causes of this - the most common are:\n` +
    `  * The credentials used in order to assume the role are invalid\n` +
    `  * The credentials do not have appropriate permission to assume the role\n` +
    `  * The role ARN is not valid\n` +
    `(The sandbox lets these accounts be assumed: ${sandbox.accounts.join(', ')}; see SANDBOX_ACCOUNTS. ` +
    `Roles named mlops-deployment-… ask for the external id as well; see SANDBOX_EXTERNAL_ID.)\n\n` +
    `Error: ${operationError('STS', 'AssumeRole', refusal)}`
  );
}

function requireAllowed(accountId: string, decoded: Properties): void {
  const allowed = texts(decoded['allowedAccountIds']);
  const forbidden = texts(decoded['forbiddenAccountIds']);
  if ((allowed.length > 0 && !allowed.includes(accountId)) || forbidden.includes(accountId)) {
    throw new ProviderError(`AWS account ID not allowed: ${accountId}`);
  }
}

function texts(value: Property | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function textsOf(value: Properties): Record<string, string> {
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)])) : {};
}
