import type { OperationContext, Properties, ProviderHost } from '../provider.ts';
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
  /** Changes nothing, neither in the cloud nor in the state. */
  preview: boolean;
  parallel: number;
  continueOnError: boolean;
  /** Whether the state is refreshed first, or only refreshed. */
  refresh: 'none' | 'first' | 'only';
  targets: Targets;
  /** What `--replace` names. */
  replace: UrnPatterns;
  host: ProviderHost;
  snapshot: Snapshot;
  events: EngineEvents;
  engine: EngineServer;
  /** Ends the operation once running steps have ended. */
  signal?: AbortSignal;
}

/** @returns what the program and its components are told of an operation */
export function contextOf({ project, stack, preview, parallel, config }: DeploymentOptions): OperationContext {
  const all = Object.entries(config);
  return {
    organization: 'organization',
    project,
    stack,
    dryRun: preview,
    parallel,
    config: Object.fromEntries(all.map(([key, { value }]) => [key, value])),
    configSecretKeys: all.flatMap(([key, { secret }]) => (secret ? [key] : [])),
  };
}

export interface DeploymentResult {
  result: 'succeeded' | 'failed';
  changes: Record<string, number>;
  /** Whether the program registered the stack's outputs. */
  outputsRegistered: boolean;
}

/** Result of a registration. */
export interface Registered {
  state: ResourceState;
  /** It failed, and the operation continues without it. */
  failed?: boolean;
  /** Its outputs are unknown, because nothing was done. */
  unknown?: boolean;
}

/** An operation as the resource monitor sees it: it answers the program's calls. */
export interface MonitoredDeployment {
  readonly options: DeploymentOptions;
  /** Where components that providers construct reach the resource monitor. */
  readonly monitorAddress: string;
  /** @throws if the operation is ending */
  ready(): Promise<void>;
  register(goal: Goal): Promise<Registered>;
  read(goal: Goal, id: string): Promise<Registered>;
  registerOutputs(urn: string, outputs: Properties): void;
  provider(reference: string): Promise<ProviderClient>;
  /** @returns the reference of the provider that serves a package if the program names none */
  defaultProvider(packageName: string, version: string, downloadUrl: string): Promise<string>;
  /** @returns what the operation has made of a resource so far */
  find(urn: string): ResourceState | undefined;
  finish(): Promise<void>;
}
