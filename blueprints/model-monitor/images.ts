/** Images of Model Monitor's analyzer and of Clarify, in the region of a stack. */
import * as aws from '@pulumi/aws';
import type { Place } from '../shared/aws/place.ts';
import { usesClarify } from './monitor-request.ts';
import type { MonitorKind } from './monitor-request.ts';

/** The analyzer has no versions; Clarify's are of one line. */
const ANALYZER = { repositoryName: 'sagemaker-model-monitor-analyzer', tag: '' };
const CLARIFY = { repositoryName: 'sagemaker-clarify-processing', tag: ':1.0' };

/**
 * @throws where the provider knows no registry for the region
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
 */
export async function findMonitorImage(kind: MonitorKind, place: Place, provider: aws.Provider): Promise<string> {
  const { repositoryName, tag } = usesClarify(kind) ? CLARIFY : ANALYZER;
  const { registryId } = await aws.sagemaker.getPrebuiltEcrImage(
    { repositoryName, region: place.region },
    { provider },
  );
  return `${registryId}.dkr.ecr.${place.region}.${place.dnsSuffix}/${repositoryName}${tag}`;
}
