/** Sample blueprint: its definition for the service. Its version is that of package.json. */
import type { BlueprintDefinition } from 'mlops-workload-orchestrator/blueprint';
import example from './example.json' with { type: 'json' };
import { sampleBlueprintSchema } from './schema.ts';

const sampleBlueprint: BlueprintDefinition = {
  pipelineType: 'sample_blueprint',
  title: 'Sample blueprint',
  description: 'A Lambda function that tells size and age of a model’s archive.',
  namePostfix: 'sampleblueprint',
  nameKey: 'model_name',
  // Promoted through dev, staging and prod where there are several accounts.
  placement: 'environments',
  perStageKeys: ['model_artifact_location', 'memory_size'],
  // Lazily, so that the API does not import Pulumi's provider.
  loadProgram: async () => (await import('./program.ts')).program,
  keyOutputs: ['functionName'],
  schema: sampleBlueprintSchema,
  example,
};

export default sampleBlueprint;
