import type { FlagSet } from '../args.ts';
import { CliError } from '../cli-error.ts';
import { lockStack } from '../locks.ts';
import type { Session } from '../session.ts';
import type { Command } from './command.ts';

const EDIT: FlagSet = { yes: 'boolean', all: 'boolean' };

/** Changes to a stack's state that touch nothing in the cloud. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_state/ */
export const stateCommands: Record<string, Command> = {
  'state protect': { flags: EDIT, run: (session) => setProtection(session, true) },
  'state unprotect': { flags: EDIT, run: (session) => setProtection(session, false) },
};

/** Stored secrets stay as they are: nothing changed here is secret. */
function setProtection(session: Session, protect: boolean): void {
  const { backend, args } = session;
  const id = session.stack();
  const all = args.is('all');
  const unlock = lockStack(backend, id);
  try {
    const state = backend.read(id);
    const { resources = [] } = state ?? {};
    const chosen = resources.filter(({ urn }) => all || args.positional.includes(urn));
    if (state === undefined || (chosen.length === 0 && !all)) {
      throw new CliError(`No such resource "${args.positional[0] ?? ''}" exists in the current state`);
    }
    const changed = resources.map((resource) =>
      chosen.includes(resource) ? { ...resource, protect: protect || undefined } : resource,
    );
    backend.write(id, { ...state, resources: changed });
    const word = protect ? 'protected' : 'unprotected';
    session.print(all ? `All resources ${word}` : `${chosen.length} resources ${word}`);
  } finally {
    unlock();
  }
}
