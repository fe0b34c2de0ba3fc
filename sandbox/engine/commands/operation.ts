import type { FlagSet } from '../args.ts';
import { CliError } from '../cli-error.ts';
import { cancelLock } from '../locks.ts';
import type { Session } from '../session.ts';
import type { OperationKind } from '../stack-operation.ts';
import { StackOperation } from '../stack-operation.ts';
import type { Command } from './command.ts';
import { stackCommands } from './stack.ts';

const OPERATION_FLAGS: FlagSet = {
  yes: 'boolean',
  'skip-preview': 'boolean',
  'preview-only': 'boolean',
  message: 'string',
  client: 'string',
  'exec-kind': 'string',
  'exec-agent': 'string',
  'event-log': 'string',
  'expect-no-changes': 'boolean',
  diff: 'boolean',
  json: 'boolean',
  refresh: 'boolean',
  'run-program': 'boolean',
  parallel: 'string',
  'continue-on-error': 'boolean',
  target: 'list',
  'target-dependents': 'boolean',
  exclude: 'list',
  'exclude-dependents': 'boolean',
  'show-secrets': 'boolean',
  'show-config': 'boolean',
  'show-sames': 'boolean',
  'show-reads': 'boolean',
  'show-replacement-steps': 'boolean',
  'show-full-output': 'boolean',
  'suppress-outputs': 'boolean',
  'suppress-progress': 'boolean',
  'suppress-permalink': 'string',
  'suppress-stream-logs': 'boolean',
  debug: 'boolean',
  'secrets-provider': 'string',
};

/** Features of the CLI that this engine lacks: rejected rather than silently ignored. */
const REFUSED: FlagSet = {
  plan: 'string',
  'save-plan': 'string',
  'import-file': 'string',
  'policy-pack': 'list',
  'policy-pack-config': 'list',
  'attach-debugger': 'boolean',
  config: 'list',
  remote: 'boolean',
};

const UP: FlagSet = { ...OPERATION_FLAGS, ...REFUSED, replace: 'list', 'target-replace': 'list' };
const REFRESH: FlagSet = {
  ...OPERATION_FLAGS,
  ...REFUSED,
  'clear-pending-creates': 'boolean',
  'skip-pending-creates': 'boolean',
  'import-pending-creates': 'list',
};
const DESTROY: FlagSet = { ...OPERATION_FLAGS, ...REFUSED, remove: 'boolean', 'exclude-protected': 'boolean' };

export const operationCommands: Record<string, Command> = {
  up: { flags: UP, run: (session) => operate(session, 'update', UP) },
  update: { flags: UP, run: (session) => operate(session, 'update', UP) },
  preview: { flags: UP, run: (session) => operate(session, 'preview', UP) },
  refresh: { flags: REFRESH, run: (session) => operate(session, 'refresh', REFRESH) },
  destroy: { flags: DESTROY, run: (session) => operate(session, 'destroy', DESTROY) },
  down: { flags: DESTROY, run: (session) => operate(session, 'destroy', DESTROY) },
  cancel: { flags: { yes: 'boolean' }, run: cancel },
};

function cancel(session: Session): void {
  const name = session.args.positional[0];
  const id = name === undefined ? session.stack() : session.parseStack(name);
  session.backend.mustExist(id);
  if (!session.args.is('yes')) {
    throw new CliError('--yes must be passed in non-interactive mode');
  }
  cancelLock(session.backend, id);
  session.print(`The currently running update for '${id.stack}' has been canceled!`);
}

async function operate(session: Session, kind: OperationKind, flags: FlagSet): Promise<void> {
  const { args } = session;
  const refused = Object.keys(REFUSED).find((flag) => args.has(flag));
  if (refused !== undefined) {
    throw new CliError(`--${refused} is not supported by the sandbox engine`);
  }
  if (args.is('run-program') && kind !== 'update' && kind !== 'preview') {
    throw new CliError(`--run-program is not supported by the sandbox engine: ${kind} works from the state alone`);
  }
  const id = session.stack();
  const preview = kind === 'preview' || args.is('preview-only');
  if (!preview && !args.is('yes') && !args.is('skip-preview')) {
    throw new CliError('--yes or --skip-preview must be passed in to proceed when running in non-interactive mode');
  }
  if (!preview && !args.is('skip-preview')) {
    await new StackOperation(session, id, kind, true, flags).run();
  }
  await new StackOperation(session, id, kind, preview, flags).run();
  if (kind === 'destroy' && !preview && args.is('remove')) {
    const remove = stackCommands['stack rm'];
    await remove?.run(session);
  }
}
