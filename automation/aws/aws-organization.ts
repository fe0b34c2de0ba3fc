/** Checks whether an account is in its organizational unit, with the service's own credentials. */
import { DescribeOrganizationCommand, ListParentsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import type { Environment } from '../config/environments.ts';
import type { PreflightFinding } from '../model.ts';
import { describe, isAbsent } from './aws-errors.ts';
import type { Note } from './preflight-call.ts';

/** @see https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html: units nest five deep */
const LEVELS = 10;

/** Only the management account and delegated administrators may call this, so a refusal is noted and not a finding. */
export async function checkOrganization(environment: Environment, note: Note): Promise<PreflightFinding[]> {
  const { organizationalUnitId: wanted, accountId } = environment;
  if (!wanted || !accountId) return [];
  const organizations = new OrganizationsClient({ region: environment.region });
  try {
    const found = await parentsOf(organizations, accountId);
    if (wanted.startsWith('o-')) {
      const { Organization } = await organizations.send(new DescribeOrganizationCommand({}));
      found.push(Organization?.Id ?? '');
    }
    if (found.includes(wanted)) return [];
    const message = `Account ${accountId} is not in ${wanted}, but below ${found.join(', ')}: correct the account or the unit in the settings of the environment.`;
    return [{ check: 'organizational-unit', subject: accountId, message }];
  } catch (error) {
    if (isAbsent(error)) {
      const message = `Account ${accountId} is not in this organization, so not in ${wanted}.`;
      return [{ check: 'organizational-unit', subject: accountId, message }];
    }
    note('preflight.not-asked', { subject: wanted, reason: describe(error) });
    return [];
  }
}

/** The units above an account and their root, from the bottom up. */
async function parentsOf(organizations: OrganizationsClient, accountId: string): Promise<string[]> {
  const parents: string[] = [];
  for (let ChildId = accountId; parents.length < LEVELS;) {
    const { Parents = [] } = await organizations.send(new ListParentsCommand({ ChildId }));
    const [parent] = Parents;
    if (!parent?.Id) return parents;
    parents.push(parent.Id);
    if (parent.Type === 'ROOT') return parents;
    ChildId = parent.Id;
  }
  return parents;
}
