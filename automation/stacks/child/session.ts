/**
 * After a fence, the state still names the session that was shut out. A refresh, a destroy and a drift check configure the
 * provider from the state, and AWS would deny all their calls. So the state is changed to this operation's session first.
 */
import type { OpenStack } from './open-stack.ts';
import type { StackState } from './state.ts';

const PROVIDER = /^pulumi:providers:aws$/;

/** Rewrites the session names in a state. @returns whether anything changed */
export function setSession({ resources = [] }: StackState, sessionName: string): boolean {
  let changed = false;
  for (const { type, inputs, outputs } of resources) {
    if (!PROVIDER.test(type)) continue;
    for (const values of [inputs, outputs]) {
      const roles = values && withSession(values.assumeRoles, sessionName);
      if (!values || roles === undefined) continue;
      values.assumeRoles = roles;
      changed = true;
    }
  }
  return changed;
}

/** Inputs of providers that are not text are JSON in the state. @returns undefined if there is nothing to change */
function withSession(assumeRoles: unknown, sessionName: string): unknown {
  const isText = typeof assumeRoles === 'string';
  const roles: unknown = isText ? JSON.parse(assumeRoles) : assumeRoles;
  if (!Array.isArray(roles) || roles.every((role: { sessionName?: unknown }) => role.sessionName === sessionName)) {
    return undefined;
  }
  const renamed = roles.map((role: object) => ({ ...role, sessionName }));
  return isText ? JSON.stringify(renamed) : renamed;
}

/** The inputs of a provider but for the names of its sessions: another session of the same role is no other provider. */
export function withoutSessions(inputs: Record<string, unknown> = {}): Record<string, unknown> {
  const { assumeRoles } = inputs;
  // Text that is no list stands for a value that is not known before the deployment.
  const isJson = typeof assumeRoles === 'string' && assumeRoles.startsWith('[');
  const roles: unknown = isJson ? JSON.parse(assumeRoles) : assumeRoles;
  if (!Array.isArray(roles)) return inputs;
  return {
    ...inputs,
    assumeRoles: roles.map(({ sessionName: _, ...role }: Record<string, unknown>) => role),
  };
}

/** Call this only under the stack's lease, and when no lock of a dead operation is left. */
export async function useSession(stack: OpenStack, sessionName: string): Promise<void> {
  const state = await stack.state();
  if (state && setSession(state, sessionName)) {
    await stack.replaceState(state);
  }
}
