/** Checks whether the caller has the role of a route, and records refused attempts. */
import type { Request, RequestHandler } from 'express';
import type { DeniedAttempt } from '../../automation/audit/refusal-log.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { Role, RolePatterns } from '../../automation/config/caller-roles.ts';
import { isUuid } from '../../automation/platform/ids.ts';
import { hasRole, hasRoleByGroup, settingsGiving } from '../../automation/config/caller-roles.ts';
import type { GroupsByRole } from '../../automation/config/sign-in-settings.ts';
import { GROUP_SETTINGS } from '../../automation/config/sign-in-settings.ts';
import { HttpError } from '../http-error.ts';
import { isId } from '../path-ids.ts';
import type { Guard, Route } from '../route.ts';
import { callerOf, groupsOf, requireIdentity } from './identity.ts';

/** What gives roles: patterns of ARNs to those who sign requests, groups to those who have signed in. */
export interface Grants {
  readonly patterns: RolePatterns;
  readonly groups?: GroupsByRole | undefined;
}

/**
 * @param orchestrator records refused attempts
 * @returns middleware for a route that admits everyone to public routes, otherwise callers with its role. Answers 401 to
 *   unauthenticated callers and 403 to those without the role.
 */
export function guardBy(grants: Grants, orchestrator: Pick<Orchestrator, 'recordDenied'>): Guard {
  return (route) => {
    const { role } = route;
    return role === 'open' ? [] : [requireIdentity(), requireRole({ grants, role, route, orchestrator })];
  };
}

interface Requirement {
  grants: Grants;
  role: Role;
  route: Pick<Route, 'path'>;
  orchestrator: Pick<Orchestrator, 'recordDenied'>;
}

function requireRole({ grants, role, route, orchestrator }: Requirement): RequestHandler {
  return async (request, response, next) => {
    const principal = callerOf(response) ?? '';
    const groups = groupsOf(response);
    const has = groups
      ? grants.groups !== undefined && hasRoleByGroup(grants.groups, groups, role)
      : hasRole(grants.patterns, principal, role);
    if (has) {
      next();
      return;
    }
    await orchestrator.recordDenied(attemptOf(principal, role, route, request)).catch((error: unknown) => {
      // The caller is refused even if the attempt could not be recorded.
      request.log.error({ err: error, principal, role }, 'a refusal could not be kept in the audit log');
    });
    throw forbidden(principal, role, groups ? settingsGiving(role, GROUP_SETTINGS) : settingsGiving(role));
  };
}

function attemptOf(
  principal: string,
  role: Role,
  route: Pick<Route, 'path'>,
  { method, path, params }: Request,
): DeniedAttempt {
  const id = String(params.id ?? '');
  return {
    principal,
    role,
    method,
    path: path.slice(0, 500),
    // A value that cannot be an id is recorded only as part of the path.
    ...(route.path.startsWith('/pipelines/:id') && isId(id) ? { pipelineId: id } : {}),
    ...(route.path.startsWith('/executions/:id') && isUuid(id) ? { executionId: id } : {}),
  };
}

function forbidden(caller: string, role: Role, settings: string): HttpError {
  return new HttpError(
    'FORBIDDEN',
    `${caller} may not do this: it requires the role ${role}. The operator of the service grants it with the setting ${settings}.`,
  );
}
