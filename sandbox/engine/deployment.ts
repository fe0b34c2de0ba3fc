import { status } from '@grpc/grpc-js';
import type { Properties } from '../provider.ts';
import { messageOf } from './cli-error.ts';
import { defaultProviderGoal } from './default-providers.ts';
import { deletionOrder } from './dependency-graph.ts';
import type { DeploymentOptions, DeploymentResult } from './deployment-options.ts';
import { StepExecutor, StepStopped } from './executor.ts';
import type { Goal } from './goal.ts';
import { MonitorServer } from './monitor.ts';
import { MonitorHandlers } from './monitor-handlers.ts';
import type { Program } from './program.ts';
import type { ProviderClient } from './provider-client.ts';
import { ProviderRegistry } from './provider-registry.ts';
import { refreshStep } from './read-steps.ts';
import { MonitorError } from './rpc-server.ts';
import type { ResourceState } from './state.ts';
import { GenerationError, SkippedCreateError, StepGenerator } from './step-generator.ts';
import type { Step } from './step.ts';
import { rootUrn } from './urn.ts';

/**
 * How long a program may take to end once its operation is over, in milliseconds. A program whose operation has failed
 * often waits for answers that will never come: the SDK stops talking, but does not end.
 */
const PROGRAM_GRACE_MS = 500;

/** Runs one operation: the program's registrations become steps, what is left is deleted, the state follows. */
export class Deployment {
  readonly options: DeploymentOptions;
  monitorAddress = '';
  readonly #registry: ProviderRegistry;
  readonly #executor: StepExecutor;
  readonly #registered = new Map<string, Step>();
  readonly #defaults = new Map<string, Promise<string>>();
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #doomed = new Set<string>();
  readonly #stopped = Promise.withResolvers<never>();
  #generator: StepGenerator;
  /** Steps are worked out one at a time, in the order in which resources are registered, and carried out side by side. */
  #turn: Promise<unknown> = Promise.resolve();
  #finished?: Promise<void>;
  #rootOutputs?: Properties;
  #errorLogged = false;
  #canceled = false;

  constructor(options: DeploymentOptions) {
    this.options = options;
    const { snapshot, host, events, preview, parallel, continueOnError } = options;
    this.#registry = new ProviderRegistry(host, snapshot.olds);
    this.#executor = new StepExecutor({
      snapshot,
      events,
      parallel,
      continueOnError,
      context: {
        preview,
        registry: this.#registry,
        isDeleted: (urn) => this.#doomed.has(urn),
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
  async update(program: Program, refreshFirst: boolean): Promise<DeploymentResult> {
    return this.#conclude(async () => {
      if (refreshFirst) {
        await this.#refreshAll();
        this.#generator = this.#newGenerator();
      }
      if (!this.#canceled && !this.#executor.failed) {
        await this.#runProgram(program);
      }
    });
  }

  async refresh(): Promise<DeploymentResult> {
    return this.#conclude(() => this.#refreshAll());
  }

  async destroy(refreshFirst: boolean): Promise<DeploymentResult> {
    return this.#conclude(async () => {
      if (refreshFirst) {
        await this.#refreshAll();
        this.#generator = this.#newGenerator();
      }
      await this.#deleteLeftovers();
    });
  }

  /** @throws MonitorError once the operation is being given up */
  ready(): Promise<void> {
    return this.#canceled || (this.#executor.failed && !this.options.continueOnError)
      ? Promise.reject(shuttingDown())
      : Promise.resolve();
  }

  /** Makes a resource be as the program wants it. @returns its state */
  register(goal: Goal): Promise<ResourceState> {
    return this.#track(async () => {
      const steps = await this.#generate(goal.urn, () => this.#generator.register(goal));
      await this.#execute(steps);
      return this.#stateOf(goal.urn, steps);
    });
  }

  read(goal: Goal, id: string): Promise<ResourceState> {
    return this.#track(async () => {
      const steps = await this.#generate(goal.urn, () => Promise.resolve([this.#generator.read(goal, id)]));
      await this.#execute(steps);
      return this.#stateOf(goal.urn, steps);
    });
  }

  registerOutputs(urn: string, outputs: Properties): void {
    if (urn === rootUrn(this.options.stack, this.options.project)) {
      // The stack's outputs count only once everything else, deletions too, has worked.
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

  /** @returns the reference of the provider that serves a package where the program names none */
  defaultProvider(packageName: string, version: string, downloadUrl: string): Promise<string> {
    const key = `${packageName}@${version}@${downloadUrl}`;
    const known = this.#defaults.get(key) ?? this.#registerDefaultProvider(packageName, version, downloadUrl);
    this.#defaults.set(key, known);
    return known;
  }

  /** The program has said all it wants. Resolves when nothing is left to do. */
  finish(): Promise<void> {
    this.#finished ??= (async () => {
      await this.#settle();
      if (!this.#canceled && !this.#hasFailed()) {
        await this.#deleteLeftovers();
      }
      if (this.#rootOutputs !== undefined && !this.#hasFailed()) {
        this.#commitOutputs(rootUrn(this.options.stack, this.options.project), this.#rootOutputs);
      }
    })();
    return this.#finished;
  }

  #hasFailed(): boolean {
    return this.#executor.failed || this.#errorLogged;
  }

  #newGenerator(): StepGenerator {
    const { snapshot, targets, replace } = this.options;
    return new StepGenerator(snapshot.olds, { registry: this.#registry, targets, replace });
  }

  async #runProgram(program: Program): Promise<void> {
    const handlers = new MonitorHandlers(this);
    const monitor = new MonitorServer(handlers);
    this.monitorAddress = await monitor.listen();
    // The program goes on and comes to its own end: stopping it here would leave it waiting for answers for ever.
    this.options.engine.onError = () => (this.#errorLogged = true);
    const engine = await this.options.engine.address();
    const run = program.run({ monitor: this.monitorAddress, engine }, this.options);
    try {
      const failure = await Promise.race([run, this.#stopped.promise]);
      if (failure === undefined && !this.#errorLogged) {
        await this.finish();
      } else {
        this.#executor.fail();
        if (failure !== undefined && failure.message !== '') {
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

  async #refreshAll(): Promise<void> {
    const { snapshot, targets } = this.options;
    const steps = snapshot.olds.filter((state) => targets.includes(state.urn)).map(refreshStep);
    const reading: Array<Promise<void>> = [];
    for (const step of steps) {
      const done = this.#execute([step]).catch(ignoreStop);
      if (step.pending === undefined) {
        // Nobody is asked about these; they are done before the reading begins.
        await done;
      }
      reading.push(done);
    }
    await Promise.all(reading);
  }

  async #deleteLeftovers(): Promise<void> {
    const steps = this.#leftovers();
    const byState = new Map(steps.map((step) => [step.old as ResourceState, step]));
    steps.forEach((step) => this.#doomed.add(step.urn));
    for (const group of deletionOrder([...byState.keys()])) {
      const chains = group.map((state) => this.#execute([byState.get(state) as Step]).catch(ignoreStop));
      await Promise.all(chains);
      if (this.#executor.failed || this.#canceled) {
        return;
      }
    }
  }

  #leftovers(): Step[] {
    try {
      return this.#generator.deletes();
    } catch (error) {
      this.#reportGeneration('', error);
      return [];
    }
  }

  async #registerDefaultProvider(packageName: string, version: string, downloadUrl: string): Promise<string> {
    const goal = defaultProviderGoal(this.options, packageName, version, downloadUrl);
    const state = await this.register(goal);
    return `${goal.urn}::${state.id ?? ''}`;
  }

  async #generate(urn: string, generate: () => Promise<Step[]>): Promise<Step[]> {
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

  #reportGeneration(urn: string, error: unknown): unknown {
    if (error instanceof SkippedCreateError) {
      return error;
    }
    this.options.events.diagnostic({
      severity: 'error',
      urn: error instanceof GenerationError ? error.urn : urn,
      message: messageOf(error),
    });
    this.#executor.fail();
    const stopped = new StepStopped('failed', error);
    this.#giveUp(stopped);
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

  #stateOf(urn: string, steps: Step[]): ResourceState {
    const state = steps.findLast((step) => step.new !== undefined)?.new;
    if (state === undefined) {
      throw new Error(`no state came of ${urn}`);
    }
    return state;
  }

  #commitOutputs(urn: string, outputs: Properties): void {
    const step = this.#registered.get(urn);
    if (step?.new === undefined) {
      throw new MonitorError(`resource '${urn}' is not known: its outputs cannot be registered`);
    }
    step.new.outputs = outputs;
    this.options.snapshot.save();
    this.options.events.after(step);
  }

  /** A call of the program that fails here gets its answer only when the engine goes away, as with the real one. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    const promise = work();
    this.#inFlight.add(promise);
    try {
      return await promise;
    } catch (error) {
      if (error instanceof StepStopped && !this.options.continueOnError) {
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
    if (!this.options.continueOnError || this.#canceled) {
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
        events.diagnostic({ severity: 'error', message: messageOf(error) });
      }
      this.#executor.fail();
    } finally {
      await this.#registry.close();
    }
    const kind = preview ? 'preview' : 'update';
    if (this.#executor.failed) {
      events.diagnostic({ severity: 'error', message: `${kind} failed` });
    } else if (this.#canceled) {
      events.diagnostic({ severity: 'error', message: `${kind} canceled` });
    }
    return {
      result: this.#executor.failed || this.#canceled ? 'failed' : 'succeeded',
      changes: this.#executor.changes,
      outputsRegistered: this.#rootOutputs !== undefined,
    };
  }
}

function ignoreStop(error: unknown): void {
  if (!(error instanceof StepStopped)) {
    throw error;
  }
}

function shuttingDown(): MonitorError {
  return new MonitorError('resource monitor shut down while waiting on a step', status.UNAVAILABLE);
}
