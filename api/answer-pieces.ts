/** Building blocks of the response schemas. */
import Joi from 'joi';

export const text = (description: string) => Joi.string().description(description);
export const time = (description: string) => Joi.string().isoDate().description(`${description} ISO 8601.`);
export const counts = (description: string) =>
  Joi.object().pattern(Joi.string(), Joi.number().integer()).description(description);
export const anything = (description: string) => Joi.object().unknown().description(description);

export const EXECUTION_STATUSES = [
  'Queued',
  'InProgress',
  'AwaitingApproval',
  'Succeeded',
  'Failed',
  'Superseded',
  'Cancelled',
  'Rejected',
];
export const EXECUTION_KINDS = ['provision', 'run', 'rollback', 'reconcile', 'destroy'];
export const environment = Joi.string()
  .valid('main', 'dev', 'staging', 'prod')
  .description('Where the stack is: `main` in a single account.');
export const warnings = Joi.array()
  .items(Joi.string())
  .description('What was taken although it has no effect, such as a key of another pipeline type.');

export const findings = Joi.array()
  .items(
    Joi.object({
      check: text('Such as `role`, `bucket`, `image`, `instance-quota`, `policy`.').required(),
      subject: text('The thing itself.').required(),
      message: text('What is wrong with it and what to do.').required(),
      policy: Joi.object({
        pack: text('Name of the policy pack.').required(),
        packVersion: text('Absent where the pack has none.'),
        name: text('Name of the policy.').required(),
        enforcementLevel: Joi.string()
          .valid('advisory', 'mandatory')
          .required()
          .description('`mandatory`: the deployment is stopped.'),
      }).description('Of `policy`: what is violated.'),
    }),
  )
  .description('What the environment lacks for the deployment to succeed, and violated policies.');
