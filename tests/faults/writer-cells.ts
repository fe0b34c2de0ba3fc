/**
 * What strikes the first of two services, and where its operations are held up when it does. A take-over time of 6 s stands for
 * the default of 30 s: every other time of leases is derived from it (lease-times.ts), so that 30 s of a pause become 6 s here,
 * and 180 s become 36 s.
 */
import { TIMEOUT_SCALE } from '../support/until.ts';
import { TAKE_OVER_SECONDS } from './service-pair.ts';

const DEFAULT_TAKE_OVER_SECONDS = 30;

/** Milliseconds here for seconds of an installation with the default settings. */
export function scaled(seconds: number): number {
  return (seconds * 1_000 * TAKE_OVER_SECONDS) / DEFAULT_TAKE_OVER_SECONDS;
}

export interface WriterFault {
  name: string;
  /** In PID namespaces of their own, as two containers with one host name; else as two processes of one host. */
  apart: boolean;
  /** Who may go on: a successor takes over, or the struck service does so once it can, or nothing is interrupted. */
  outcome: 'taken over' | 'resumed' | 'undisturbed';
  /** How long it is stopped. */
  pauseMs?: number;
}

export const WRITER_FAULTS: readonly WriterFault[] = [
  { name: 'partition from the database', apart: true, outcome: 'taken over' },
  { name: 'pause of the container', apart: true, outcome: 'taken over' },
  { name: 'SIGSTOP for 30 s', apart: false, outcome: 'resumed', pauseMs: scaled(30) },
  { name: 'SIGSTOP for 180 s', apart: false, outcome: 'resumed', pauseMs: scaled(180) },
  { name: 'two services on one host name', apart: true, outcome: 'undisturbed' },
  { name: 'wall clocks a day apart', apart: true, outcome: 'undisturbed' },
  { name: 'failover of the database', apart: true, outcome: 'resumed' },
];

/** How long the database is away in a failover: of Amazon RDS, 60 to 120 s are usual. */
export const FAILOVER_MS = scaled(60);

const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const MODEL = 'aws:sagemaker/model:Model';
const PROVIDER = 'pulumi:providers:aws';

/** Longer than the second service takes to start on a busy machine and to take over. */
const HELD_UP = { action: 'delay', latencyMs: 90_000 * TIMEOUT_SCALE };

export interface HeldUp {
  name: string;
  /** For the name of its pipeline. */
  model: string;
  environment: 'dev' | 'staging' | 'prod';
  /** The call that sets the stage off. */
  trigger: 'provision' | 'approve' | 'destroy';
  /** The last one holds the operation up. */
  faults: readonly object[];
}

export const HELD_UP_AT: readonly HeldUp[] = [
  {
    name: 'DeployDev, before its first call',
    model: 'first-call',
    environment: 'dev',
    trigger: 'provision',
    faults: [{ type: PROVIDER, operation: 'configure', ...HELD_UP }],
  },
  {
    name: 'DeployDev, before a creation',
    model: 'before-creation',
    environment: 'dev',
    trigger: 'provision',
    faults: [{ type: ENDPOINT, operation: 'create', ...HELD_UP }],
  },
  {
    name: 'ApproveStaging, in its preview',
    model: 'in-preview',
    environment: 'staging',
    trigger: 'provision',
    faults: [{ type: PROVIDER, operation: 'configure', ...HELD_UP }],
  },
  {
    name: 'DeployStaging, in the preview that checks it',
    model: 'in-check',
    environment: 'staging',
    trigger: 'approve',
    // The first is for the preview that people see.
    faults: [
      { type: PROVIDER, operation: 'configure', action: 'delay' },
      { type: PROVIDER, operation: 'configure', ...HELD_UP },
    ],
  },
  {
    name: 'DeployStaging, between a creation and its record',
    model: 'before-record',
    environment: 'staging',
    trigger: 'approve',
    faults: [{ type: MODEL, operation: 'create', when: 'after', ...HELD_UP }],
  },
  {
    name: 'DeployProd, before a creation',
    model: 'in-prod',
    environment: 'prod',
    trigger: 'approve',
    faults: [{ type: ENDPOINT, operation: 'create', ...HELD_UP }],
  },
  {
    name: 'DestroyDev, before a deletion',
    model: 'in-destroy',
    environment: 'dev',
    trigger: 'destroy',
    faults: [{ type: ENDPOINT, operation: 'delete', ...HELD_UP }],
  },
];

export function pipelineOf({ model }: HeldUp): string {
  return `mlops-pipeline-${model}-byompipelinerealtimebuiltin`;
}

/** For `SANDBOX_FAULTS`: each strikes once. */
export function faultsOf(rows: readonly HeldUp[]): object[] {
  return rows.flatMap((row) =>
    row.faults.map((fault) => ({ ...fault, match: `${pipelineOf(row)}.${row.environment}`, times: 1 })),
  );
}
