/** A client of the HTTP API for the scripts and tests here: the calls of a story, from a request to its end. */
import type { GuideProvisionAnswer } from '../api/guide-answers.ts';
import type { Execution } from '../automation/model.ts';
import { ApiClient } from '../cli/mlops/client.ts';

export { UnexpectedAnswer } from '../cli/mlops/client.ts';

export class OrchestratorClient extends ApiClient {
  /** @param caller who calls, as a sandbox takes it */
  constructor(url: string, caller?: string) {
    super(url, caller ? { 'x-caller': caller } : {});
  }

  async provision(body: unknown): Promise<GuideProvisionAnswer> {
    return await this.call('POST', '/provisionpipeline', body);
  }

  async execution(executionId: string): Promise<Execution> {
    return await this.call('GET', `/executions/${executionId}`);
  }

  /** Waits until an execution has ended or waits for approval. */
  async settled(executionId: string): Promise<Execution> {
    for await (const event of this.follow(executionId)) {
      if (event.type !== 'approval.requested') continue;
      const execution = await this.execution(executionId);
      // An older request for approval may have been answered long ago.
      if (execution.status === 'AwaitingApproval') return execution;
    }
    return await this.execution(executionId);
  }

  /** Approves what the execution waits with. */
  async approve(execution: Execution, comment?: string): Promise<Execution> {
    const { environment, changeHash } = execution.approval ?? {};
    return await this.call('POST', `/executions/${execution.executionId}/approvals/${environment}`, {
      decision: 'Approved',
      changeHash,
      ...(comment ? { comment } : {}),
    });
  }

  /** Waits for the end of an execution. */
  async finished(executionId: string): Promise<Execution> {
    for await (const _event of this.follow(executionId));
    return await this.execution(executionId);
  }
}
