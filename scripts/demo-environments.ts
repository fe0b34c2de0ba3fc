/** `npm run demo -- --environments`: one pipeline through dev, staging and prod, each change shown and approved. */
import type {
  Execution,
  ExecutionAnswer,
  PendingApproval,
  PipelineOutputs,
  PipelineState,
} from '../automation/model.ts';
import { OrchestratorClient } from './orchestrator-client.ts';
import { demoRequests } from './demo-requests.ts';

const STAGED = {
  inference_instance: { dev: 'ml.t2.2xlarge', staging: 'ml.m5.large', prod: 'ml.m5.4xlarge' },
  data_capture_location: { dev: 'dev-bucket/capture', staging: 'staging-bucket/capture', prod: 'prod-bucket/capture' },
};

/** @throws if a stage does not succeed */
export async function demoEnvironments(url: string, say: (text: string) => void): Promise<void> {
  const requester = new OrchestratorClient(url, 'arn:aws:iam::111111111111:user/data-scientist');
  const approver = new OrchestratorClient(url, 'arn:aws:iam::111111111111:user/release-manager');
  const { builtin } = await demoRequests(requester);
  const { endpoint_name: _, ...body } = { ...builtin, ...STAGED } as Record<string, unknown>;

  say('\nA new pipeline for three environments:');
  const first = await promote(requester, approver, body, say);

  say('\nA larger instance for production only:');
  const changed = { ...body, inference_instance: { ...STAGED.inference_instance, prod: 'ml.m5.12xlarge' } };
  await promote(requester, approver, changed, say);

  say('\nBack to the first revision, through the same approvals:');
  const { executionId: rollback = '' } = await requester.call<ExecutionAnswer>(
    'POST',
    `/pipelines/${first.pipelineId}/rollback`,
    { revision: 1 },
  );
  await approveAll(approver, await approver.settled(rollback), say);
  await show(requester, first.pipelineId, say);
}

async function promote(
  requester: OrchestratorClient,
  approver: OrchestratorClient,
  body: Record<string, unknown>,
  say: (text: string) => void,
): Promise<Execution> {
  const { execution_id: id } = await requester.provision(body);
  if (!id) throw new Error('nothing was started');
  return await approveAll(approver, await approver.settled(id), say);
}

async function approveAll(
  approver: OrchestratorClient,
  waiting: Execution,
  say: (text: string) => void,
): Promise<Execution> {
  let execution = waiting;
  while (execution.status === 'AwaitingApproval' && execution.approval) {
    describe(execution.approval, say);
    await approver.approve(execution, 'Seen in the demo.');
    execution = await approver.settled(execution.executionId);
  }
  for (const { name, status, error } of execution.stages) say(`  ${name.padEnd(16)}${status} ${error?.message ?? ''}`);
  if (execution.status !== 'Succeeded') throw new Error(`${execution.pipelineId} is ${execution.status}`);
  return execution;
}

function describe({ environment, changeHash, changes }: PendingApproval, say: (text: string) => void): void {
  say(`  ${environment} waits for approval of change ${changeHash.slice(0, 12)}…`);
  for (const { operation, type, name, differences = [], warning } of changes) {
    say(`    ${operation.padEnd(8)}${type} ${name}${warning ? `  ! ${warning}` : ''}`);
    for (const { property, before, after } of differences) {
      say(`      ${property}: ${JSON.stringify(before) ?? 'nothing'} → ${JSON.stringify(after) ?? 'nothing'}`);
    }
  }
}

async function show(client: OrchestratorClient, pipelineId: string, say: (text: string) => void): Promise<void> {
  const state = await client.call<PipelineState>('POST', '/pipelinestatus', { pipeline_id: pipelineId });
  const { environments } = await client.call<PipelineOutputs>('GET', `/pipelines/${pipelineId}/outputs`);
  say(`\n${pipelineId}`);
  for (const { stageName, latestExecution } of state.stageStates) {
    say(`  stage   ${String(stageName)}: ${JSON.stringify(latestExecution)}`);
  }
  for (const { environment, outputs } of environments) {
    say(`  output  ${environment}: ${String(outputs.endpointName)} ${String(outputs.inferenceUrl)}`);
  }
}
