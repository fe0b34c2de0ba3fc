/** What the deployment role of an account may do: one policy a subject, by what pipelines the account has. */
import type { Statement } from '../../blueprints/shared/aws/policies.ts';
import { manageBuilds } from './rights/builds.ts';
import { manageFunctions } from './rights/functions.ts';
import { manageApis } from './rights/gateway.ts';
import { manageModelCards } from './rights/model-cards.ts';
import { manageMonitors } from './rights/monitoring.ts';
import { manageRules } from './rights/notices.ts';
import { lookAhead } from './rights/preflight.ts';
import { manageRoles } from './rights/roles.ts';
import { manageAlarms, manageEndpoints, manageModels, scaleEndpoints } from './rights/serving.ts';
import type { Placement, Scope } from './scope.ts';

/** What every pipeline is made of. */
const COMMON = { roles: manageRoles, functions: manageFunctions, preflight: lookAhead };

/** What the pipelines of a placement are made of besides. */
const OF_PLACEMENT: Record<Placement, Record<string, (scope: Scope) => Statement[]>> = {
  environments: {
    serving: (scope) => [...manageModels(scope), ...manageEndpoints(scope)],
    scaling: (scope) => [...scaleEndpoints(scope), ...manageAlarms(scope)],
    apis: manageApis,
    monitors: manageMonitors,
  },
  orchestrator: { rules: manageRules, builds: manageBuilds, cards: manageModelCards },
};

/** @returns subject → statements, for one policy each; IAM attaches ten to a role */
export function deploymentRights(scope: Scope): Record<string, Statement[]> {
  const makers = Object.assign({}, COMMON, ...scope.placements.map((placement) => OF_PLACEMENT[placement])) as Record<
    string,
    (scope: Scope) => Statement[]
  >;
  return Object.fromEntries(Object.entries(makers).map(([subject, make]) => [subject, make(scope)]));
}
