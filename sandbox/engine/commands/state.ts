import type { FlagSet } from '../args.ts';
import { CliError } from '../cli-error.ts';
import { dependentsOf } from '../dependency-graph.ts';
import { lockStack } from '../locks.ts';
import type { Session } from '../session.ts';
import type { ResourceState } from '../state.ts';
import { urnName } from '../urn.ts';
import type { Command } from './command.ts';

const EDIT: FlagSet = { yes: 'boolean', all: 'boolean', force: 'boolean', 'target-dependents': 'boolean' };

/** Changes to a stack's state that touch nothing in the cloud. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_state/ */
export const stateCommands: Record<string, Command> = {
  'state protect': { flags: EDIT, run: (session) => setProtection(session, true) },
  'state unprotect': { flags: EDIT, run: (session) => setProtection(session, false) },
  'state delete': { flags: EDIT, run: deleteFromState },
};

function setProtection(session: Session, protect: boolean): void {
  const word = protect ? 'protected' : 'unprotected';
  const count = edit(session, (resources, named) => {
    const chosen = session.args.is('all') ? resources : named;
    return resources.map(({ protect: _before, ...state }) => ({
      ...state,
      ...((chosen.some(({ urn }) => urn === state.urn) ? protect : _before === true) && { protect: true }),
    }));
  });
  session.print(session.args.is('all') ? `All resources ${word}` : `${count} resources ${word}`);
}

function deleteFromState(session: Session): void {
  const count = edit(session, (resources, named) => {
    const gone = new Set<ResourceState>();
    for (const state of named) {
      if (state.protect === true && !session.args.is('force')) {
        throw new CliError(
          `${state.urn} can't be safely deleted because it is protected. Re-run this command with --force to force deletion`,
        );
      }
      const dependents = dependentsOf(state, resources, { children: true }).filter((other) => !named.includes(other));
      if (dependents.length > 0 && !session.args.is('target-dependents')) {
        const list = dependents.map(({ urn }) => ` * ${JSON.stringify(urnName(urn)).padEnd(15)} (${urn})\n`).join('');
        throw new CliError(
          `${state.urn} can't be safely deleted because the following resources depend on it:\n${list}` +
            '\nDelete those resources first or pass --target-dependents.',
        );
      }
      [state, ...dependents].forEach((each) => gone.add(each));
    }
    return resources.filter((state) => !gone.has(state));
  });
  session.print(count === 1 ? 'Resource deleted' : `${count} resources deleted`);
}

/** @returns how many resources were named. Stored secrets stay as they are: nothing changed here is secret. */
function edit(
  session: Session,
  change: (resources: ResourceState[], named: ResourceState[]) => ResourceState[],
): number {
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
    return named.length;
  } finally {
    unlock();
  }
}
