import type { Properties, ProviderHost } from '../provider.ts';
import type { EngineServer } from './engine-server.ts';
import type { EngineEvents } from './events.ts';
import type { Goal } from './goal.ts';
import type { ProviderClient } from './provider-client.ts';
import type { Snapshot } from './snapshot.ts';
import type { ResourceState } from './state.ts';
import type { PlainConfigValue } from './stack-settings.ts';
import type { Targets, UrnPatterns } from './targets.ts';

/** One operation on one stack. */
export interface DeploymentOptions {
  stack: string;
  project: string;
  /** Where the program's relative paths begin. */
  directory: string;
  /** Of the project. */
  root: string;
  config: Record<string, PlainConfigValue>;
  /** Nothing is changed, neither in the cloud nor in the state. */
  preview: boolean;
  parallel: number;
  continueOnError: boolean;
  /** Whether the state is brought in line with the cloud first, or is all there is to do. */
  refresh: 'none' | 'first' | 'only';
  targets: Targets;
  /** What `--replace` names. */
  replace: UrnPatterns;
  host: ProviderHost;
  snapshot: Snapshot;
  events: EngineEvents;
  engine: EngineServer;
  /** Ends the operation as soon as what runs has come to an end. */
  signal?: AbortSignal;
}

export interface DeploymentResult {
  result: 'succeeded' | 'failed';
  changes: Record<string, number>;
  /** Whether the program came as far as to register the stack's outputs. */
  outputsRegistered: boolean;
}

/** What came of a registration. */
export interface Registered {
  state: ResourceState;
  /** It failed, and the operation goes on without it. */
  failed?: boolean;
  /** What it gives is not known, since nothing was done. */
  unknown?: boolean;
}

/** What the program's calls are answered with: an operation, as the resource monitor sees it. */
export interface MonitoredDeployment {
  readonly options: DeploymentOptions;
  /** Where components that providers construct reach the resource monitor. */
  readonly monitorAddress: string;
  /** @throws where the operation is ending */
  ready(): Promise<void>;
  register(goal: Goal): Promise<Registered>;
  read(goal: Goal, id: string): Promise<Registered>;
  registerOutputs(urn: string, outputs: Properties): void;
  provider(reference: string): Promise<ProviderClient>;
  /** @returns the reference of the provider that serves a package where the program names none */
  defaultProvider(packageName: string, version: string, downloadUrl: string): Promise<string>;
  /** @returns what the operation has made of a resource so far */
  find(urn: string): ResourceState | undefined;
  finish(): Promise<void>;
}
