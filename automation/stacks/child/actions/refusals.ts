/** Why a change is refused after its operation has started: it exceeds what was approved, or affects what is protected. Pure. */
import type { ResourceChange } from '../../../model.ts';
import { beyondApproval } from '../../approved-change.ts';
import type { StackOperation } from '../../operation.ts';
import { CHANGE_NOT_APPROVED, PIPELINE_PROTECTED } from '../../operation.ts';
import type { Outcome } from '../context.ts';
import { ENDPOINT_TYPE } from '../verification/endpoint.ts';

export interface Refusal {
  outcome: Extract<Outcome, { ok: false }>;
  /** URNs of the changes that are not allowed. */
  beyond: string[];
}

/** @param changes what would be done. @returns undefined if it stays within what was approved, or needs no approval */
export function notApproved(
  { approved, action, blueprintVersion }: StackOperation,
  changes: ResourceChange[],
): Refusal | undefined {
  if (!approved) return undefined;
  const beyond = beyondApproval(approved.changes, changes);
  // Destroying works from the state, without a blueprint.
  const isOtherBlueprint = action === 'up' && approved.blueprintVersion !== blueprintVersion;
  if (beyond.length === 0 && !isOtherBlueprint) return undefined;
  const reason =
    beyond.length > 0
      ? `it would also ${beyond.map(({ operation, name }) => `${operation} ${name}`).join(', ')}`
      : `version ${blueprintVersion} of the blueprint would deploy it, not ${approved.blueprintVersion}`;
  return {
    beyond: beyond.map(({ urn }) => urn),
    outcome: {
      ok: false,
      error: {
        code: CHANGE_NOT_APPROVED,
        message: `The change is no longer the approved one: ${reason}. Nothing was changed.`,
        hint: 'Review the current change, and approve or reject it.',
      },
      changes,
    },
  };
}

/** @param changes what would be done. @returns undefined if the endpoint stays, or the pipeline is not protected */
export function protectedEndpoint(operation: StackOperation, changes: readonly ResourceChange[]): Refusal | undefined {
  if (!operation.protected) return undefined;
  const lost = changes.filter(
    ({ type, operation: what }) => type === ENDPOINT_TYPE && (what === 'replace' || what === 'delete'),
  );
  if (lost.length === 0) return undefined;
  const what = lost.map(({ operation: one, name }) => `${one} ${name}`).join(', ');
  return {
    beyond: lost.map(({ urn }) => urn),
    outcome: {
      ok: false,
      error: {
        code: PIPELINE_PROTECTED,
        message: `Pipeline ${operation.pipelineId} is protected, and this change would ${what} in ${operation.environment.name}. Nothing was changed.`,
        hint: `Send a request that updates the endpoint in place, or have an admin remove the protection: DELETE /pipelines/${operation.pipelineId}/protection.`,
      },
    },
  };
}
