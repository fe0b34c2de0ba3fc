/** A warning for an instance type that SageMaker does not have for what runs on it. Pure. */
import type { PipelineRequest } from '../../blueprint.ts';
import type { InstanceUse } from '../aws/instance-types.ts';
import { instanceTypeFault } from '../aws/instance-types.ts';
import { perStageCombinations } from './stages.ts';

/** Only the guide's own example gets here: other types are refused with the request. */
export function instanceTypeWarnings({ inference_instance: given }: PipelineRequest, use: InstanceUse): string[] {
  const types = new Set(perStageCombinations(given).flat());
  return [...types].flatMap((type) => {
    const reason = typeof type === 'string' ? instanceTypeFault(type, use) : undefined;
    return reason === undefined ? [] : [`"inference_instance" ${reason}. Its deployment will be refused.`];
  });
}
