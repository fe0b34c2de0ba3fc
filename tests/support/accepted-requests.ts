/** Requests that are accepted and stored, by no service, so that nothing deploys them. */
import { ExecutionEvents } from '../../automation/executions/events.ts';
import { Executions } from '../../automation/executions/executions.ts';
import type { Accepted } from '../../automation/pipelines/pipelines.ts';
import { Pipelines } from '../../automation/pipelines/pipelines.ts';
import { Listener } from '../../automation/platform/listener.ts';
import { validateRequest } from '../../blueprints/request/request.ts';
import { realtimeRequest } from '../../scripts/bench/request.ts';
import type { EmptyDatabase } from './empty-database.ts';
import { silent } from './empty-database.ts';

const SETTINGS = {
  pipelinePrefix: 'mlops-pipeline',
  multiAccount: false,
  useModelRegistry: false,
  assetsBucket: 'assets',
};

export class AcceptedRequests {
  readonly events: ExecutionEvents;
  readonly executions: Executions;
  readonly pipelines: Pipelines;

  constructor({ database, url }: EmptyDatabase) {
    this.events = new ExecutionEvents(database, new Listener(url, silent));
    this.executions = new Executions(database, this.events, 'http://localhost');
    this.pipelines = new Pipelines(database, this.executions);
  }

  /** The real-time example under this model name, requested by kim. */
  async accept(modelName: string, changes: object = {}): Promise<Accepted> {
    const body = { ...(await realtimeRequest(modelName)), ...changes };
    return await this.pipelines.accept(validateRequest(body, SETTINGS), ['main'], 'kim');
  }
}
