/** Bodies of calls that the guide does not have, such as decisions on executions. */
import Joi from 'joi';
import { RequestInvalid } from '../blueprints/faults.ts';
import type { Decision } from '../automation/model.ts';

const RULES: Readonly<Record<string, string>> = {
  'any.required': 'required',
  'object.unknown': 'unknown',
  'any.only': 'allowed',
  'number.base': 'type',
  'string.base': 'type',
  'object.base': 'type',
};

const DECISIONS: Readonly<Record<string, Decision>> = {
  approved: 'Approved',
  approve: 'Approved',
  rejected: 'Rejected',
  reject: 'Rejected',
};

/** Body of `POST /executions/{id}/approvals/{environment}`. */
export const decisionBody = Joi.object<{ decision: Decision; changeHash: string; comment?: string }>({
  decision: Joi.string()
    .custom((value: string, helpers) => DECISIONS[value.trim().toLowerCase()] ?? helpers.error('any.only'))
    .required()
    .messages({ 'any.only': '{{#label}} must be "Approved" or "Rejected"' })
    .description('`Approved` or `Rejected`.')
    .example('Approved'),
  changeHash: Joi.string()
    .max(200)
    .required()
    .description('`approval.changeHash` of the execution: the change that the decision is about.')
    .example('5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03'),
  comment: Joi.string()
    .trim()
    .allow('')
    .max(2_000)
    .description('Why; kept with the execution. Required to reject.')
    .example('Tested.'),
});

/** @throws RequestInvalid with everything that is wrong: also for a rejection that does not say why */
export function validDecision(body: unknown): { decision: Decision; changeHash: string; comment?: string } {
  const decision = validBody(decisionBody, body);
  if (decision.decision === 'Approved' || decision.comment) return decision;
  const message = 'is required to reject: the requester has to know why';
  throw new RequestInvalid(`Bad request. comment ${message}`, [{ pointer: '/comment', message, rule: 'required' }]);
}

/** The largest number of a revision: PostgreSQL's `integer`. */
const LARGEST_REVISION = 2_147_483_647;

/** Body of `POST /pipelines/{id}/rollback`. */
export const rollbackBody = Joi.object<{ revision: number }>({
  revision: Joi.number()
    .integer()
    .min(1)
    .max(LARGEST_REVISION)
    .required()
    .description('Number of the revision to deploy again.')
    .example(1),
});

/** @throws RequestInvalid with everything that is wrong */
export function validBody<T>(schema: Joi.ObjectSchema<T>, body: unknown): T {
  const { value, error } = schema.validate(body ?? {}, { abortEarly: false, errors: { wrap: { label: false } } });
  if (!error) return value;
  const faults = error.details.map(({ message, path, type }) => ({
    pointer: path.map((key) => `/${key}`).join(''),
    message: message.replace(/^\S+ /, ''),
    rule: RULES[type] ?? 'range',
  }));
  throw new RequestInvalid(`Bad request. ${error.details.map(({ message }) => message).join('; ')}`, faults);
}
