import type { ProviderHost } from '../provider.ts';
import type { EngineServer } from './engine-server.ts';
import type { EngineEvents } from './events.ts';
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
