import type { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import type { Cloud } from '../aws/cloud.ts';

/** The Pulumi engine of a stack operation. Chosen by `PULUMI_ENGINE`; created in the child process. */
export interface Engine {
  /** Named in `GET /readyz` and in execution events. */
  readonly kind: 'cli' | 'sandbox';
  /** Given to `LocalWorkspace`: runs one CLI command. */
  readonly command: PulumiCommand;
  /** Environment variables of every command (backend, passphrase, debug providers …). */
  readonly envVars: Record<string, string>;
  /** Inspects the actual resources of an account, independently of Pulumi's state. */
  readonly cloud: Cloud;
  /** Stops everything that the engine started; the process exits soon after. */
  close(): Promise<void>;
}

/** Exports of the module {@link EngineSettings.module} for the engine; `createPublisher` is for notifications. */
export interface EngineModule {
  createEngine: CreateEngine;
  createCloud: CreateCloud;
  findVersion: FindVersion;
}

/** A Pulumi policy pack on disk. */
export interface PolicyPack {
  /** Absolute path of its folder. */
  readonly path: string;
  /** Absolute path of the JSON file that configures it; either every pack has one, or none. */
  readonly config?: string;
}

/** Plain JSON, so that it can cross a process border. */
export interface EngineSettings {
  kind: 'cli' | 'sandbox';
  /** `PULUMI_BACKEND_URL`; empty means Pulumi Cloud. */
  backendUrl?: string;
  /** Of an installation of the CLI, which has `bin/pulumi`. Default: the `pulumi` on the PATH. */
  root?: string;
  /** Version determined when the service started; absent: the CLI is asked. */
  version?: string;
  /** Run with every preview and deployment; default: none. */
  policyPacks?: readonly PolicyPack[];
  /** Passed to the engine module unchanged. */
  options: Record<string, string>;
  /** URL of the module that exports an {@link EngineModule}. */
  module: string;
}

export type CreateEngine = (settings: EngineSettings) => Promise<Engine>;

/** @returns the semantic version of the engine. @throws if there is none, with a message that says how to fix it */
export type FindVersion = (settings: EngineSettings) => Promise<string>;

/** The accounts without an engine. */
export type CreateCloud = (settings: EngineSettings) => Promise<Cloud>;
