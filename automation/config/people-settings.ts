/** The settings of roles and notifications: joi keys and what they are parsed to. Read by config.ts only. */
import Joi from 'joi';
import type { RolePatterns } from './caller-roles.ts';
import { ROLES, ROLE_SETTINGS, patternFault } from './caller-roles.ts';
import { commaList } from './comma-list.ts';

type Values = Readonly<Record<string, unknown>>;

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** Printable, without space and comma: header values are trimmed, and the comma divides two secrets. */
const SECRETS = /^[!-+\--~]{16,}(,[!-+\--~]{16,})?$/;

const arnPatterns = Joi.string().custom((value: string, helpers) => {
  const patterns = commaList(value);
  // Taken as "not set", it would let everybody do everything.
  if (patterns.length === 0)
    return helpers.message({ custom: '{{#label}} contains no principal: remove it, or specify an ARN' });
  // Entries are reported by index: a value put into the wrong variable may be a secret.
  const faults = patterns.flatMap((pattern, index) => {
    const fault = patternFault(pattern);
    return fault ? [`entry ${index + 1} ${fault}`] : [];
  });
  return faults.length > 0 ? helpers.message({ custom: `{{#label}}: ${faults.join('; ')}` }) : value;
});

/** Identity, roles and notifications. */
export const peopleKeys: Joi.SchemaMap = {
  GATEWAY_SECRET: Joi.string()
    .pattern(SECRETS)
    .messages({
      'string.pattern.base':
        '{{#label}} must be at least 16 printable characters without spaces; two secrets, for the time of a change, are divided by a comma',
    })
    .when('HOST', {
      is: Joi.valid(...LOOPBACK),
      then: Joi.optional(),
      otherwise: Joi.required().messages({
        'any.required':
          '{{#label}} is required when HOST is not a loopback address: callers must come through the gateway',
      }),
    }),
  ...Object.fromEntries(ROLES.map((role) => [ROLE_SETTINGS[role], arnPatterns])),
  TRUSTED_SESSION_ARNS: arnPatterns,
  NOTIFICATIONS_TOPIC_ARN: Joi.string().pattern(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'a topic ARN'),
};

export function rolePatternsOf(values: Values): RolePatterns {
  const of = (name: string) => commaList(String(values[name] ?? ''));
  return {
    viewer: of(ROLE_SETTINGS.viewer),
    provisioner: of(ROLE_SETTINGS.provisioner),
    approver: of(ROLE_SETTINGS.approver),
    admin: of(ROLE_SETTINGS.admin),
  };
}

/** @returns patterns of the roles whose session names tell people apart. */
export function trustedSessionsOf(values: Values): readonly string[] {
  return commaList(String(values.TRUSTED_SESSION_ARNS ?? ''));
}
