/** A sandbox with four accounts, and what the specs of promotion ask of it. */
import type { Execution } from '../../automation/model.ts';
import type { Sandbox, SandboxStandIns } from '../../sandbox/start.ts';
import { OrchestratorClient } from '../../scripts/orchestrator-client.ts';
import { realtime } from '../support/realtime.ts';
import { startTestSandbox } from '../support/sandbox.ts';

export const ACCOUNTS = { dev: '222222222222', staging: '333333333333', prod: '444444444444' } as const;

export interface Promotion {
  readonly home: string;
  readonly sandbox: Sandbox;
  readonly client: OrchestratorClient;
  /** Somebody else's client. */
  as(caller: string): OrchestratorClient;
  stop(): Promise<void>;
}

export async function startPromotion(
  env: Record<string, string> = {},
  standIns: SandboxStandIns = {},
): Promise<Promotion> {
  const settings = {
    MULTI_ACCOUNT: 'Yes',
    // One person is enough here; who may approve what is the subject of other specs.
    REQUESTER_MAY_APPROVE: 'Yes',
    STAGING_APPROVE_DESTROY: 'No',
    PROD_APPROVE_DESTROY: 'No',
    ...env,
  };
  const sandbox = await startTestSandbox(settings, standIns);
  return {
    home: sandbox.home,
    sandbox,
    client: sandbox.client,
    as: (caller) => new OrchestratorClient(sandbox.url, caller),
    stop: sandbox.stop,
  };
}

/** A real-time request for three environments. */
export async function stagedRealtime(
  modelName: string,
  changes: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  return await realtime(modelName, {
    inference_instance: { dev: 'ml.t2.2xlarge', staging: 'ml.m5.large', prod: 'ml.m5.4xlarge' },
    data_capture_location: {
      dev: 'dev-bucket/capture',
      staging: 'staging-bucket/capture',
      prod: 'prod-bucket/capture',
    },
    ...changes,
  });
}

/** Provisions, and waits for the first question to people (or the end). */
export async function provisioned(client: OrchestratorClient, body: Record<string, unknown>): Promise<Execution> {
  const { execution_id: id } = await client.provision(body);
  if (!id) throw new Error('nothing was started');
  return await client.settled(id);
}

/** Approves until the execution has ended. */
export async function promoted(client: OrchestratorClient, execution: Execution): Promise<Execution> {
  let current = execution;
  while (current.status === 'AwaitingApproval') {
    await client.approve(current);
    current = await client.settled(current.executionId);
  }
  return current;
}

export function stageStatuses(execution: Execution): Record<string, string> {
  return Object.fromEntries(execution.stages.map(({ name, status }) => [name, status]));
}
