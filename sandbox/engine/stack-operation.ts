import { dirname, resolve } from 'node:path';
import { statSync } from 'node:fs';
import { ProviderError } from '../provider.ts';
import type { FlagSet } from './args.ts';
import { flagsForHistory } from './args.ts';
import type { StackId } from './backend.ts';
import { CliError, NO_CHANGES_EXIT_CODE } from './cli-error.ts';
import { Deployment } from './deployment.ts';
import type { DeploymentOptions, DeploymentResult } from './deployment-options.ts';
import { ProgressDisplay, stackOutputs } from './display.ts';
import { DiffDisplay } from './diff-display.ts';
import { dependentsOf } from './dependency-graph.ts';
import { EngineServer } from './engine-server.ts';
import { openEventLog } from './event-log.ts';
import { EngineEvents } from './events.ts';
import { environmentForHistory, recordHistory } from './history.ts';
import { lockStack } from './locks.ts';
import { InlineProgram, NodeProgram } from './program.ts';
import type { Program } from './program.ts';
import { EngineProviderHost } from './provider-host.ts';
import { JsonPreview } from './json-preview.ts';
import type { Session } from './session.ts';
import { Snapshot } from './snapshot.ts';
import type { PlainConfigValue } from './stack-settings.ts';
import { plainConfig } from './stack-settings.ts';
import type { PendingOperation, ResourceState, StackState } from './state.ts';
import { encryptDeployment, newManifest } from './state.ts';
import { Targets, UrnPatterns } from './targets.ts';
import { rootUrn } from './urn.ts';

/** What a stack operation does. */
export type OperationKind = 'update' | 'preview' | 'refresh' | 'destroy';

const TITLES: Record<OperationKind, [doing: string, planning: string]> = {
  update: ['Updating', 'Previewing update'],
  preview: ['Previewing update', 'Previewing update'],
  refresh: ['Refreshing', 'Previewing refresh'],
  destroy: ['Destroying', 'Previewing destroy'],
};

/** One run of one operation, from the lock to the history. */
export class StackOperation {
  readonly #session: Session;
  readonly #id: StackId;
  readonly #kind: OperationKind;
  readonly #preview: boolean;
  readonly #flags: FlagSet;

  constructor(session: Session, id: StackId, kind: OperationKind, preview: boolean, flags: FlagSet) {
    this.#session = session;
    this.#id = id;
    this.#kind = kind;
    this.#preview = preview;
    this.#flags = flags;
  }

  /** @throws CliError when the operation failed */
  async run(): Promise<void> {
    if (this.#preview) {
      return this.#runLocked();
    }
    const unlock = lockStack(this.#session.backend, this.#id);
    try {
      await this.#runLocked();
    } finally {
      unlock();
    }
  }

  async #runLocked(): Promise<void> {
    const session = this.#session;
    const { args, backend } = session;
    const started = Date.now();
    const settings = session.settings(this.#id);
    const crypter = await session.crypter(this.#id, settings);
    const config = await plainConfig(settings.config, () => Promise.resolve(crypter));
    const old = await session.state(this.#id);
    const before = stackOutputs(old?.resources ?? []);
    const root = rootUrn(this.#id.stack, this.#id.project);

    const toStored = (resources: ResourceState[], pending: PendingOperation[]): StackState =>
      encryptDeployment(
        {
          manifest: newManifest(session.setup.version),
          secrets_providers: { type: 'passphrase', state: { salt: crypter.salt } },
          resources,
          pending_operations: pending,
          metadata: old?.metadata ?? {},
        },
        crypter,
      );
    const snapshot = new Snapshot([...(old?.resources ?? [])], old?.pending_operations ?? [], (resources, pending) => {
      if (!this.#preview) {
        backend.write(this.#id, toStored(resources, pending));
      }
    });

    const [doing, planning] = TITLES[this.#kind];
    const words = this.#preview ? planning : doing;
    const title = { headline: `${words} (${this.#id.stack}):`, progress: words.toLowerCase(), preview: this.#preview };
    const Display = args.is('diff') ? DiffDisplay : ProgressDisplay;
    const json = args.is('json') ? new JsonPreview() : undefined;
    const display = new Display(json ? () => undefined : session.terminal.stdout, title, root);
    const eventLog = args.value('event-log');
    const events = new EngineEvents(
      [display, ...(json ? [json] : []), ...(eventLog === undefined ? [] : [openEventLog(eventLog)])],
      {
        preview: this.#preview,
        secrets: Object.values(config).flatMap(({ value, secret }) => (secret ? [value] : [])),
        debug: args.is('debug'),
      },
    );

    const engine = new EngineServer(events);
    let outcome: DeploymentResult = { result: 'failed', changes: {}, outputsRegistered: false };
    try {
      events.prelude(
        Object.fromEntries(
          Object.entries(config).map(([key, value]) => [key, value.secret ? '[secret]' : value.value]),
        ),
      );
      this.#settlePending(snapshot, events);
      outcome = await this.#deploy(this.#options(config, snapshot, events, engine));
      snapshot.save();
    } finally {
      engine.close();
      const durationSeconds = Math.max(1, Math.ceil((Date.now() - started) / 1000));
      events.summary({
        durationSeconds,
        resourceChanges: outcome.changes,
        isPreview: this.#preview,
        result: outcome.result,
      });
      await events.close();
      const after = stackOutputs(snapshot.resources());
      const showOutputs =
        this.#kind !== 'destroy' && !args.is('suppress-outputs') && (!this.#preview || args.is('diff'));
      display.finish(
        outcome.changes,
        durationSeconds,
        showOutputs
          ? {
              before,
              after: outcome.outputsRegistered || this.#kind === 'refresh' ? after : {},
              created: Object.keys(before).length === 0,
            }
          : undefined,
      );
      if (!this.#preview) {
        this.#record(started, settings.config, outcome, toStored(snapshot.resources(), snapshot.pending));
      }
    }
    if (json) {
      session.printJson({
        config: json.config,
        steps: json.steps,
        diagnostics: json.diagnostics,
        duration: (Date.now() - started) * 1e6,
        changeSummary: outcome.changes,
      });
    }
    if (outcome.result === 'failed') {
      throw new CliError('update failed', { printed: true });
    }
    if (args.is('expect-no-changes') && Object.keys(outcome.changes).some((change) => change !== 'same')) {
      const kind = this.#preview && this.#kind === 'update' ? 'preview' : this.#kind;
      throw new CliError(`no changes were expected for ${kind} but changes were proposed`, {
        exitCode: NO_CHANGES_EXIT_CODE,
      });
    }
    if (this.#kind === 'destroy' && !this.#preview && !args.is('remove')) {
      session.print(
        'The resources in the stack have been deleted, but the history and configuration associated with the stack are still maintained. \n' +
          `If you want to remove the stack completely, run \`pulumi stack rm ${this.#id.stack}\`.`,
      );
    }
  }

  #options(
    config: Record<string, PlainConfigValue>,
    snapshot: Snapshot,
    events: EngineEvents,
    engine: EngineServer,
  ): DeploymentOptions {
    const session = this.#session;
    const { args, project, terminal } = session;
    const entry = resolve(project.directory, project.main ?? '.');
    const directory = statSync(entry, { throwIfNoEntry: false })?.isFile() === true ? dirname(entry) : entry;
    const lookup = async (name: string): Promise<ReturnType<typeof stackOutputsOf>> => {
      const id = session.parseStack(name);
      if (!session.backend.exists(id)) {
        throw new ProviderError(`unknown stack "${name}"`);
      }
      return stackOutputsOf(await session.state(id));
    };
    const parallel = Number(args.value('parallel') ?? 16);
    return {
      stack: this.#id.stack,
      project: this.#id.project,
      directory,
      root: resolve(project.directory),
      config,
      preview: this.#preview,
      parallel: parallel > 0 ? parallel : 1,
      continueOnError: args.is('continue-on-error'),
      targets: new Targets({
        targets: [
          ...args.list('target'),
          ...args.list('target-replace'),
          ...(args.is('exclude-protected') ? unprotectedUrns(snapshot.olds) : []),
        ],
        excludes: args.list('exclude'),
        targetDependents: args.is('target-dependents'),
        excludeDependents: args.is('exclude-dependents'),
      }),
      replace: new UrnPatterns([...args.list('replace'), ...args.list('target-replace')]),
      refresh: this.#kind === 'refresh' ? 'only' : args.is('refresh') ? 'first' : 'none',
      host: new EngineProviderHost(session.setup.providers, { lookup, env: terminal.env, directory, engine }),
      snapshot,
      events,
      engine,
      signal: terminal.signal,
    };
  }

  #deploy(options: DeploymentOptions): Promise<DeploymentResult> {
    const { args, project, terminal } = this.#session;
    const deployment = new Deployment(options);
    if (this.#kind === 'refresh') {
      return deployment.refresh();
    }
    if (this.#kind === 'destroy') {
      return deployment.destroy();
    }
    const client = args.value('client');
    const program: Program = client === undefined ? new NodeProgram(project, terminal.env) : new InlineProgram(client);
    return deployment.update(program);
  }

  /**
   * Operations that an earlier process left pending. What the state knows is compared again anyway; a creation that may or
   * may not have happened can only be checked by a person, or dropped.
   */
  #settlePending(snapshot: Snapshot, events: EngineEvents): void {
    const { pending } = snapshot;
    if (pending.length === 0) {
      return;
    }
    const clears = this.#kind === 'refresh' && this.#session.args.is('clear-pending-creates');
    const kept = pending.filter(({ type }) => type === 'creating' && !clears);
    snapshot.forgetPending(pending.filter((operation) => !kept.includes(operation)));
    if (!this.#preview && this.#kind !== 'refresh' && !this.#session.args.is('refresh')) {
      events.diagnostic({ severity: 'warning', message: pendingMessage(pending) });
    }
  }

  #record(
    started: number,
    config: Parameters<typeof recordHistory>[2]['config'],
    outcome: DeploymentResult,
    latest: StackState,
  ): void {
    const { args, backend, terminal, setup } = this.#session;
    const environment: Record<string, string> = {
      ...(args.has('exec-kind') && { 'exec.kind': args.value('exec-kind') ?? '' }),
      ...flagsForHistory(args, this.#flags),
      ...environmentForHistory(terminal.env),
      'pulumi.arch': process.arch === 'x64' ? 'amd64' : process.arch,
      'pulumi.os': process.platform === 'win32' ? 'windows' : process.platform,
      'pulumi.version': `v${setup.version}`,
      'stack.environments': '[]',
      updatePlan: 'false',
    };
    const sorted = Object.entries(environment).sort(([left], [right]) => (left < right ? -1 : 1));
    recordHistory(
      backend,
      this.#id,
      {
        kind: this.#kind,
        startTime: Math.floor(started / 1000),
        message: args.value('message') ?? '',
        environment: Object.fromEntries(sorted),
        config,
        version: 0,
        result: outcome.result,
        endTime: Math.floor(Date.now() / 1000),
        resourceChanges: outcome.changes,
      },
      latest,
    );
    backend.backup(this.#id);
  }
}

function stackOutputsOf(state: StackState | undefined): NonNullable<ResourceState['outputs']> {
  return state?.resources?.find((resource) => resource.type === 'pulumi:pulumi:Stack')?.outputs ?? {};
}

/** @returns what can be deleted without affecting protected resources; empty if nothing is protected */
function unprotectedUrns(olds: ResourceState[]): string[] {
  const shielded = olds.filter((state) => state.protect === true);
  if (shielded.length === 0) {
    return [];
  }
  const needed = (state: ResourceState): boolean =>
    dependentsOf(state, olds, { children: true }).some((dependent) => shielded.includes(dependent));
  return olds.filter((state) => !shielded.includes(state) && !needed(state)).map((state) => state.urn);
}

function pendingMessage(pending: readonly PendingOperation[]): string {
  const list = pending.map(({ resource, type }) => `  * ${resource.urn}, interrupted while ${type}\n`).join('');
  return (
    `Attempting to deploy or update resources with ${pending.length} pending operations from previous deployment.\n${list}` +
    'These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to these ' +
    'resources to complete. You should confirm whether or not the operations listed completed successfully by checking ' +
    'the state of the appropriate provider. For example, if you are using AWS, you can confirm using the AWS Console.\n\n' +
    'Once you have confirmed the status of the interrupted operations, you can repair your stack using `pulumi refresh` ' +
    'which will refresh the state from the provider you are using and clear the pending operations if there are any.\n\n' +
    'Note that `pulumi refresh` will need to be run interactively to clear pending CREATE operations.'
  );
}
