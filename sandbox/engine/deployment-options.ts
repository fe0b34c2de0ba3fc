import type { ProviderHost } from '../provider.ts';
import type { EngineServer } from './engine-server.ts';
import type { EngineEvents } from './events.ts';
import { StepStopped } from './executor.ts';
import type { Snapshot } from './snapshot.ts';
import type { PlainConfigValue } from './stack-settings.ts';
import { SkippedCreateError } from './step-generator.ts';
import type { Targets } from './targets.ts';

/** One operation on one stack. */
export interface DeploymentOptions {
  stack: string;
  project: string;
  /** Where the program's relative paths begin. */
  directory: string;
  config: Record<string, PlainConfigValue>;
  /** Nothing is changed, neither in the cloud nor in the state. */
  preview: boolean;
  parallel: number;
  continueOnError: boolean;
  targets: Targets;
  /** URNs that `--replace` names. */
  replace: string[];
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

/** @returns whether an error means that a resource was not made, in an operation that goes on all the same. */
export function isUnwanted(error: unknown, continueOnError: boolean): boolean {
  return error instanceof SkippedCreateError || (continueOnError && error instanceof StepStopped);
}
