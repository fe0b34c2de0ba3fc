import Joi from 'joi';
import type { ErrorCode } from '../automation/errors.ts';
import { OrchestratorError } from '../automation/errors.ts';
import { isUuid } from '../automation/platform/ids.ts';

/** Formats of ids; an id with another format cannot exist, and is not looked up. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** Deliveries, notifications and revisions have numbers. */
export const serialNumber = Joi.number().integer().min(1);
/** PostgreSQL's integer ends here. */
export const revisionNumber = serialNumber.max(2_147_483_647);

export function isId(text: string): boolean {
  return ID.test(text);
}

/** @throws OrchestratorError `PIPELINE_NOT_FOUND` for a text that cannot be a pipeline id. */
export function pipelineIdOf(params: Readonly<Record<string, string>>): string {
  const id = params.id ?? '';
  if (ID.test(id)) return id;
  throw new OrchestratorError(
    'PIPELINE_NOT_FOUND',
    'No pipeline can have this id: ids are letters, digits and hyphens. GET /pipelines lists those that there are.',
  );
}

/** @throws OrchestratorError `EXECUTION_NOT_FOUND` for a text that cannot be an execution id. */
export function executionIdOf(params: Readonly<Record<string, string>>): string {
  const id = params.id ?? '';
  if (ID.test(id)) return id;
  throw new OrchestratorError(
    'EXECUTION_NOT_FOUND',
    'No execution can have this id. GET /pipelines/{id}/executions lists those of a pipeline.',
  );
}

/** @throws OrchestratorError `OPERATION_NOT_FOUND` for a text that cannot be an operation id. */
export function operationIdOf(params: Readonly<Record<string, string>>): string {
  const id = params.id ?? '';
  if (isUuid(id)) return id;
  throw new OrchestratorError('OPERATION_NOT_FOUND', 'No operation can have this id: it is in the answer with 202.');
}

/** @throws OrchestratorError `DELIVERY_NOT_FOUND` for a text that cannot be the id of a delivery. */
export function deliveryIdOf({ id = '' }: Readonly<Record<string, string>>): number {
  return numberIn(id, serialNumber, 'DELIVERY_NOT_FOUND', 'Deliveries have numbers. GET /deliveries lists them.');
}

/** @throws OrchestratorError `NOTIFICATION_NOT_FOUND` for a text that cannot be the id of a notification. */
export function notificationIdOf({ id = '' }: Readonly<Record<string, string>>): number {
  const message = 'Notifications have numbers. GET /notifications lists them.';
  return numberIn(id, serialNumber, 'NOTIFICATION_NOT_FOUND', message);
}

/** @throws OrchestratorError `REVISION_NOT_FOUND` for a text that cannot be the number of a revision. */
export function revisionOf({ revision = '' }: Readonly<Record<string, string>>): number {
  const message = 'Revisions have numbers from 1. GET /pipelines/{id}/revisions.';
  return numberIn(revision, revisionNumber, 'REVISION_NOT_FOUND', message);
}

function numberIn(text: string, schema: Joi.NumberSchema, code: ErrorCode, message: string): number {
  const { value, error } = schema.validate(text);
  if (error) throw new OrchestratorError(code, message);
  return value as number;
}
