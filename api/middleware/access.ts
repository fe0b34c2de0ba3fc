/** Holds each route's role against what the caller may do. */
import type { RequestHandler } from 'express';
import type { Role, RolePatterns } from '../../automation/roles.ts';
import { hasRole, settingsGiving } from '../../automation/roles.ts';
import { HttpError } from '../http-error.ts';
import type { Guard } from '../route.ts';
import { callerOf, requireIdentity } from './identity.ts';

/**
 * @returns what lets a request through to a route: anybody to what is open, else those with its role. Refuses whoever is not
 *   known with 401, and whoever lacks the role with 403.
 */
export function guardBy(patterns: RolePatterns): Guard {
  return ({ role }) => (role === 'open' ? [] : [requireIdentity(), requireRole(patterns, role)]);
}

function requireRole(patterns: RolePatterns, role: Role): RequestHandler {
  return (_request, response, next) => {
    const caller = callerOf(response) ?? '';
    if (!hasRole(patterns, caller, role)) throw forbidden(caller, role);
    next();
  };
}

function forbidden(caller: string, role: Role): HttpError {
  return new HttpError(
    'FORBIDDEN',
    `${caller} may not do this: it takes the role ${role}. Whoever runs the service gives it with the setting ${settingsGiving(role)}.`,
  );
}
