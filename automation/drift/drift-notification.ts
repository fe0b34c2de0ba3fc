/** The notification of drift. Pure. */
import type { NewNotification } from '../notifications/notifications.ts';
import { counted } from '../notifications/wording.ts';
import type { DriftCheck, DriftFinding } from '../model.ts';

/** Messages should be readable on a phone: the link leads to all findings. */
const LISTED = 10;

/** @param publicUrl public URL of the API; empty: only paths */
export function driftNotification(check: DriftCheck, publicUrl: string): NewNotification {
  const { checkId, pipelineId, environment, stack, findings } = check;
  const path = `${publicUrl}/pipelines/${pipelineId}/drift`;
  const more = findings.length - LISTED;
  return {
    kind: 'drift',
    pipelineId,
    environment,
    subject: `Drift in ${environment}: ${pipelineId}`.slice(0, 100),
    message: [
      `${counted(findings.length, 'resource')} ${findings.length === 1 ? 'was' : 'were'} changed or removed behind Pulumi's back in environment ${environment} (stack ${stack}):`,
      ...findings.slice(0, LISTED).map(line),
      ...(more > 0 ? [`- and ${more} more`] : []),
      `All findings: GET ${path}`,
      `Revert to what was deployed, after approval: POST ${path}/reconcile`,
    ].join('\n'),
    data: { checkId, stack, findings: findings.length },
  };
}

function line({ type, name, kind, differences }: DriftFinding): string {
  const what = kind === 'missing' ? 'is missing' : differences.map(({ property }) => property).join(', ');
  return `- ${type} ${name}: ${what}`;
}
