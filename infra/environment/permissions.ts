/** Permissions of an account's deployment role: one policy per subject, depending on which pipelines the account has. */
import type { Statement } from '../../blueprints/shared/aws/policies.ts';
import { manageBuilds } from './permissions/builds.ts';
import { manageFunctions } from './permissions/functions.ts';
import { manageApis } from './permissions/gateway.ts';
import { readServingJobs, readTrainingJobs } from './permissions/jobs.ts';
import { manageModelCards } from './permissions/model-cards.ts';
import { manageMonitors } from './permissions/monitoring.ts';
import { manageRules } from './permissions/notices.ts';
import { readForPreflight } from './permissions/preflight.ts';
import { manageRoles } from './permissions/roles.ts';
import { manageAlarms, manageEndpoints, manageModels, scaleEndpoints } from './permissions/serving.ts';
import type { Placement, Scope } from './scope.ts';

/** For the resources of every pipeline. */
const COMMON = { roles: manageRoles, functions: manageFunctions, preflight: readForPreflight };

/** For the further resources of a placement's pipelines. */
const OF_PLACEMENT: Record<Placement, Record<string, (scope: Scope) => Statement[]>> = {
  environments: {
    serving: (scope) => [...manageModels(scope), ...manageEndpoints(scope)],
    scaling: (scope) => [...scaleEndpoints(scope), ...manageAlarms(scope)],
    apis: manageApis,
    monitors: (scope) => [...manageMonitors(scope), ...readServingJobs(scope)],
  },
  orchestrator: {
    rules: manageRules,
    builds: manageBuilds,
    cards: (scope) => [...manageModelCards(scope), ...readTrainingJobs(scope)],
  },
};

/** @returns subject → statements, for one policy each; IAM attaches ten to a role */
export function deploymentPermissions(scope: Scope): Record<string, Statement[]> {
  const makers = Object.assign({}, COMMON, ...scope.placements.map((placement) => OF_PLACEMENT[placement])) as Record<
    string,
    (scope: Scope) => Statement[]
  >;
  return Object.fromEntries(Object.entries(makers).map(([subject, make]) => [subject, make(scope)]));
}
