import type { FlagSet } from '../args.ts';
import { CliError } from '../cli-error.ts';
import { dependentsOf } from '../dependency-graph.ts';
import { lockStack } from '../locks.ts';
import type { Session } from '../session.ts';
import type { ResourceState } from '../state.ts';
import type { Command } from './command.ts';

const EDIT: FlagSet = { yes: 'boolean', all: 'boolean', force: 'boolean', 'target-dependents': 'boolean' };

/** Changes to a stack's state that touch nothing in the cloud. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_state/ */
export const stateCommands: Record<string, Command> = {
  'state protect': { flags: EDIT, run: (session) => setProtection(session, true) },
  'state unprotect': { flags: EDIT, run: (session) => setProtection(session, false) },
  'state delete': { flags: EDIT, run: deleteFromState },
};

function setProtection(session: Session, protect: boolean): void {
  edit(session, (resources, named) => {
    const chosen = session.args.is('all') ? resources : named;
    return resources.map((state) => (chosen.includes(state) ? { ...state, protect } : state));
  });
  session.print(protect ? 'Resource protected' : 'Resource unprotected');
}

function deleteFromState(session: Session): void {
  edit(session, (resources, named) => {
    const dependents = dependentsOf(named, resources);
    if (dependents.length > 0 && !session.args.is('target-dependents')) {
      const list = dependents.map((state) => `\n * ${state.urn}`).join('');
      throw new CliError(`This resource can't be safely deleted because the following resources depend on it:${list}`);
    }
    const shielded = named.find((state) => state.protect === true);
    if (shielded !== undefined && !session.args.is('force')) {
      throw new CliError(`This resource can't be safely deleted because it is protected: ${shielded.urn}. Use --force`);
    }
    return resources.filter((state) => !named.includes(state) && !dependents.includes(state));
  });
  session.print('Resource deleted');
}

/** Secrets stay as they are stored: nothing that is changed here is secret. */
function edit(session: Session, change: (resources: ResourceState[], named: ResourceState[]) => ResourceState[]): void {
  const { backend, args } = session;
  const id = session.stack();
  const unlock = lockStack(backend, id);
  try {
    const state = backend.read(id);
    const { resources = [] } = state ?? {};
    const named = resources.filter((resource) => args.positional.includes(resource.urn));
    if (state === undefined || (named.length === 0 && !args.is('all'))) {
      throw new CliError(`No such resource "${args.positional[0] ?? ''}" exists in the current state`);
    }
    backend.write(id, { ...state, resources: change(resources, named) });
  } finally {
    unlock();
  }
}
