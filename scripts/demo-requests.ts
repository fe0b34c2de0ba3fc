/** The requests of the demo: the examples that the service publishes, fitted together. */
import type { OrchestratorClient } from './orchestrator-client.ts';

type Body = Record<string, unknown>;

/** Types whose jobs end within the demo, and say so. */
export const TELLS = /^(model_training|model_tuner|byom_batch)/;

/** @throws UnexpectedAnswer */
export async function demoRequests(
  client: OrchestratorClient,
): Promise<{ builtin: Body; custom: Body; others: Body[] }> {
  const types = await client.call<{ pipelineType: string; example: Body }[]>('GET', '/pipeline-types');
  const example = (type: string): Body => types.find(({ pipelineType }) => pipelineType === type)?.example ?? {};
  const builtin = example('byom_realtime_builtin');
  const others = types
    .filter(({ pipelineType }) => !pipelineType.startsWith('byom_realtime'))
    .map(({ pipelineType, example: body }) =>
      pipelineType.endsWith('_monitor') ? { ...body, endpoint_name: builtin.endpoint_name } : body,
    );
  return { builtin, custom: example('byom_realtime_custom'), others };
}
