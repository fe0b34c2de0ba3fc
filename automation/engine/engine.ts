import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import type { Cloud } from '../aws/cloud.ts';

/** What a stack operation needs of a Pulumi engine. Chosen by `PULUMI_ENGINE`; made in the child process. */
export interface Engine {
  /** Named in `GET /readyz` and in execution events. */
  readonly kind: 'cli' | 'sandbox';
  /** Given to `LocalWorkspace`: runs one CLI command. */
  readonly command: PulumiCommand;
  /** Environment variables of every command (back end, passphrase, debug providers …). */
  readonly envVars: Record<string, string>;
  /** Looks at what is really there in an account, beside Pulumi's own state. */
  readonly cloud: Cloud;
  /** Ends what the engine started; the process exits soon after. */
  close(): Promise<void>;
}

/** Plain JSON, so that it can cross a process border. */
export interface EngineSettings {
  kind: 'cli' | 'sandbox';
  /** `PULUMI_BACKEND_URL`; empty means Pulumi Cloud. */
  backendUrl?: string;
  /** Handed to the engine module as it is. */
  options: Record<string, string>;
  /**
   * URL of the module that exports {@link CreateEngine} as `createEngine`, {@link CreateCloud} as `createCloud`, and
   * `createPublisher` for notifications.
   */
  module: string;
}

export type CreateEngine = (settings: EngineSettings) => Promise<Engine>;

/** What the engine's module exports as `createCloud`: the look at the accounts without an engine. */
export type CreateCloud = (settings: EngineSettings) => Promise<Cloud>;
