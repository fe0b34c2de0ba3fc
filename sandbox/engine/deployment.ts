import { status } from '@grpc/grpc-js';
import type { Properties } from '../provider.ts';
import { messageOf } from './cli-error.ts';
import { defaultProviderGoal, deniedReference } from './default-providers.ts';
import type { DeploymentOptions, DeploymentResult, Registered } from './deployment-options.ts';
import { StepExecutor, StepStopped } from './executor.ts';
import type { Goal } from './goal.ts';
import { MonitorServer } from './monitor.ts';
import { MonitorHandlers } from './monitor-handlers.ts';
import { deleteLeftovers, dryRunOutputs, refreshState, requireKnown } from './phases.ts';
import type { Program } from './program.ts';
import type { ProviderClient } from './provider-client.ts';
import { ProviderRegistry } from './provider-registry.ts';
import { MonitorError } from '../rpc-server.ts';
import type { ResourceState } from './state.ts';
import type { Generated } from './step-generator.ts';
import { GenerationError } from './generation-error.ts';
import { StepGenerator } from './step-generator.ts';
import type { Step } from './step.ts';
import { rootUrn } from './urn.ts';

/**
 * How long a program may take to end once its operation is over, in milliseconds. A program whose operation has failed
 * often waits for responses that will never come: the SDK stops calling, but does not end.
 */
const PROGRAM_GRACE_MS = 500;

/** Runs one operation: turns the program's registrations into steps, deletes the rest, and updates the state. */
export class Deployment {
  readonly options: DeploymentOptions;
  monitorAddress = '';
  readonly #registry: ProviderRegistry;
  readonly #executor: StepExecutor;
  readonly #registered = new Map<string, Step>();
  readonly #defaults = new Map<string, Promise<string>>();
  readonly #inFlight = new Set<Promise<unknown>>();
  /** URNs of what failed, or was skipped because of that, in an operation that continues. */
  readonly #skipped = new Set<string>();
  readonly #stopped = Promise.withResolvers<never>();
  #generator: StepGenerator;
  /** Steps are generated one at a time, in the order of registrations, and executed in parallel. */
  #turn: Promise<unknown> = Promise.resolve();
  #finished?: Promise<void>;
  #rootOutputs?: Properties;
  #canceled = false;
  /** The operation failed with an error that has been reported. */
  #bailed = false;

  constructor(options: DeploymentOptions) {
    this.options = options;
    const { snapshot, host, events, preview, parallel, continueOnError, refresh } = options;
    this.#registry = new ProviderRegistry(host, snapshot.olds, preview);
    this.#executor = new StepExecutor({
      snapshot,
      events,
      parallel,
      continueOnError,
      refreshOnly: refresh === 'only',
      refreshes: refresh !== 'none',
      context: {
        preview,
        registry: this.#registry,
        isDeleted: (urn) => this.#generator.deleted.has(urn),
        warn: (urn, message) => events.diagnostic({ severity: 'warning', urn, message }),
      },
    });
    this.#generator = this.#newGenerator();
    this.#stopped.promise.catch(() => undefined);
    options.signal?.addEventListener('abort', () => this.#cancel(), { once: true });
    if (options.signal?.aborted === true) {
      this.#cancel();
    }
  }

  /** Runs a program to its end and deletes what it no longer registers. */
  async update(program: Program): Promise<DeploymentResult> {
    return this.#conclude(async () => {
      await this.#prepare();
      await this.#runProgram(program);
    });
  }

  async refresh(): Promise<DeploymentResult> {
    return this.#conclude(() => this.#prepare());
  }

  async destroy(): Promise<DeploymentResult> {
    return this.#conclude(async () => {
      await this.#prepare();
      await deleteLeftovers(this.#generator, this.#executor, (step) => this.#execute([step]));
    });
  }

  /** @throws MonitorError once the operation is being aborted */
  ready(): Promise<void> {
    return this.#canceled || (this.#executor.failed && !this.options.continueOnError)
      ? Promise.reject(shuttingDown())
      : Promise.resolve();
  }

  /** Brings a resource to the state that the program wants. */
  register(goal: Goal): Promise<Registered> {
    return this.#track(async () =>
      this.#perform(goal.urn, await this.#generate(goal.urn, () => this.#generator.register(goal))),
    );
  }

  read(goal: Goal, id: string): Promise<Registered> {
    return this.#track(async () =>
      this.#perform(goal.urn, await this.#generate(goal.urn, () => Promise.resolve(this.#generator.read(goal, id)))),
    );
  }

  registerOutputs(urn: string, outputs: Properties): void {
    if (this.#bailed || this.#canceled) {
      throw shuttingDown();
    }
    if (urn === rootUrn(this.options.stack, this.options.project)) {
      // The stack's outputs take effect only at the end of the operation.
      this.#rootOutputs = outputs;
    } else {
      this.#commitOutputs(urn, outputs);
    }
  }

  provider(reference: string): Promise<ProviderClient> {
    return this.#registry.get(reference);
  }

  /** @returns what this operation has made of a resource so far */
  find(urn: string): ResourceState | undefined {
    return this.options.snapshot.resources().find((state) => state.urn === urn && state.delete !== true);
  }

  /** @returns the reference of the provider that serves a package if the program names none */
  defaultProvider(packageName: string, version: string, downloadUrl: string): Promise<string> {
    const denied = deniedReference(this.options, packageName);
    if (denied !== undefined) {
      return Promise.resolve(denied);
    }
    const key = `${packageName}@${version}@${downloadUrl}`;
    const known = this.#defaults.get(key) ?? this.#registerDefaultProvider(packageName, version, downloadUrl);
    this.#defaults.set(key, known);
    return known;
  }

  /** The program has registered everything. Resolves when nothing is left to do. */
  finish(): Promise<void> {
    this.#finished ??= (async () => {
      await this.#settle();
      if (!this.#canceled && !this.#executor.stopped) {
        await deleteLeftovers(this.#generator, this.#executor, (step) => this.#execute([step]));
      }
    })().catch((error: unknown) => {
      if (!(error instanceof StepStopped)) {
        this.#reportGeneration('', error);
      }
    });
    return this.#finished;
  }

  #hasFailed(): boolean {
    return this.#executor.failed || this.#generator.errored;
  }

  /** The stack's outputs come last. If something failed, outputs that were not registered again keep their values. */
  #finishRoot(): void {
    const root = rootUrn(this.options.stack, this.options.project);
    const before = this.#generator.byUrn.get(root)?.outputs ?? {};
    if (this.#rootOutputs !== undefined && this.#registered.has(root)) {
      this.#commitOutputs(
        root,
        this.#hasFailed() || this.#bailed ? { ...before, ...this.#rootOutputs } : this.#rootOutputs,
      );
    }
  }

  #newGenerator(): StepGenerator {
    const { snapshot, preview, targets, replace, events } = this.options;
    return new StepGenerator(snapshot.olds, {
      preview,
      registry: this.#registry,
      targets,
      replace,
      skipped: this.#skipped,
      diagnostic: (severity, urn, message) => events.diagnostic({ severity, urn, message }),
    });
  }

  async #runProgram(program: Program): Promise<void> {
    const handlers = new MonitorHandlers(this);
    const monitor = new MonitorServer(handlers);
    this.monitorAddress = await monitor.listen();
    const engine = await this.options.engine.address();
    const run = program.run({ monitor: this.monitorAddress, engine }, this.options);
    try {
      const failure = await Promise.race([run, this.#stopped.promise]);
      // A program may still fail after it has registered everything: then only its own error is left to report.
      if (this.#finished !== undefined || failure === undefined) {
        await this.finish();
      }
      if (failure !== undefined && !(this.#finished !== undefined && this.#hasFailed())) {
        this.#bailed = true;
        this.#executor.stop();
        if (failure.message !== '') {
          this.options.events.diagnostic({ severity: 'error', message: failure.message });
        }
      }
    } catch (error) {
      if (!(error instanceof StepStopped)) {
        throw error;
      }
    } finally {
      await this.#settle();
      monitor.close();
      handlers.close();
      await program.stop(PROGRAM_GRACE_MS);
    }
  }

  /** What comes before a program runs. @throws StepStopped where that fails */
  async #prepare(): Promise<void> {
    const { refresh, targets, replace } = this.options;
    if (refresh !== 'none') {
      requireKnown(targets.targets, this.#generator);
      await refreshState(this.options, this.#registry, (step) => this.#execute([step]));
      this.#generator = this.#newGenerator();
      if (this.#canceled || this.#executor.failed) {
        throw new StepStopped(this.#canceled ? 'canceled' : 'failed');
      }
    }
    if (refresh !== 'only') {
      requireKnown(replace, this.#generator);
    }
  }

  async #registerDefaultProvider(packageName: string, version: string, downloadUrl: string): Promise<string> {
    const goal = defaultProviderGoal(this.options, packageName, version, downloadUrl);
    const { state } = await this.register(goal);
    return `${goal.urn}::${state.id ?? ''}`;
  }

  async #generate(urn: string, generate: () => Promise<Generated>): Promise<Generated> {
    const mine = this.#turn.then(async () => {
      await this.ready();
      try {
        return await generate();
      } catch (error) {
        throw this.#reportGeneration(urn, error);
      }
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** Executes the steps of a registration; what follows an import is generated once that is done. */
  async #perform(urn: string, generated: Generated): Promise<Registered> {
    const { steps } = generated;
    const skips = steps.some(({ new: fresh }) => fresh !== undefined && this.#generator.dependsOnSkipped(fresh));
    const state = generated.state ?? steps.findLast((step) => step.new !== undefined)?.new;
    if (state === undefined) {
      throw new Error(`no state came of ${urn}`);
    }
    if (skips) {
      this.#skipped.add(urn);
      return { state: { ...state, outputs: await dryRunOutputs(this.#registry, steps, state) }, unknown: true };
    }
    try {
      await this.#execute(steps);
    } catch (error) {
      if (error instanceof StepStopped && error.reason === 'failed' && this.options.continueOnError) {
        this.#skipped.add(urn);
        return { state, failed: true };
      }
      throw error;
    }
    if (generated.next !== undefined) {
      return this.#perform(urn, await this.#generate(urn, generated.next));
    }
    return { state, unknown: generated.unknown };
  }

  #reportGeneration(urn: string, error: unknown): unknown {
    const { events } = this.options;
    const about = error instanceof GenerationError ? error.urn : urn;
    const messages = error instanceof GenerationError ? error.messages : [messageOf(error)];
    messages.forEach((message) => events.diagnostic({ severity: 'error', urn: about, message }));
    this.#bailed = true;
    this.#executor.stop();
    const stopped = new StepStopped('bailed', error);
    this.#stopped.reject(stopped);
    return stopped;
  }

  async #execute(steps: Step[]): Promise<void> {
    steps.forEach((step) => {
      if (step.new !== undefined && step.operation !== 'refresh') {
        this.#registered.set(step.urn, step);
      }
    });
    try {
      await this.#executor.chain(steps);
    } catch (error) {
      if (error instanceof StepStopped) {
        this.#giveUp(error);
      }
      throw error;
    }
  }

  #commitOutputs(urn: string, outputs: Properties): void {
    if (this.#skipped.has(urn)) {
      return;
    }
    const step = this.#registered.get(urn);
    if (step?.new === undefined) {
      throw new MonitorError(`cannot complete a resource '${urn}' whose registration isn't pending`);
    }
    if (step.skippedCreate === true) {
      return;
    }
    step.new.outputs = outputs;
    this.options.snapshot.save();
    this.options.events.after(step);
  }

  /** A program's call that fails here is answered only when the engine shuts down, as with the real one. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    const promise = work();
    this.#inFlight.add(promise);
    try {
      return await promise;
    } catch (error) {
      if (error instanceof StepStopped) {
        throw shuttingDown();
      }
      throw error;
    } finally {
      this.#inFlight.delete(promise);
    }
  }

  async #settle(): Promise<void> {
    while (this.#inFlight.size > 0) {
      await Promise.allSettled(this.#inFlight);
    }
  }

  #giveUp(error: StepStopped): void {
    if (error.reason !== 'failed' || this.#executor.stopped) {
      this.#stopped.reject(error);
    }
  }

  #cancel(): void {
    this.#canceled = true;
    this.#executor.stop();
    this.#stopped.reject(new StepStopped('canceled'));
    void this.#registry.cancel();
  }

  async #conclude(work: () => Promise<void>): Promise<DeploymentResult> {
    const { events, preview } = this.options;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StepStopped)) {
        this.#reportGeneration('', error);
      }
    } finally {
      this.#finishRoot();
      await this.#registry.close();
    }
    const kind = preview ? 'preview' : 'update';
    const failed = this.#hasFailed() || this.#bailed;
    if (!this.#bailed && failed) {
      events.diagnostic({ severity: 'error', message: `${kind} failed` });
    } else if (!this.#bailed && this.#canceled) {
      events.diagnostic({ severity: 'error', message: `${kind} canceled` });
    }
    return {
      result: failed || this.#canceled ? 'failed' : 'succeeded',
      changes: this.#executor.changes,
      outputsRegistered: this.#rootOutputs !== undefined,
    };
  }
}

function shuttingDown(): MonitorError {
  return new MonitorError('resource monitor shut down while waiting on a step', status.UNAVAILABLE);
}
