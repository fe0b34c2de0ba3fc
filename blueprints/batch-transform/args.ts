/** Arguments of a batch inference pipeline: the program fills them in from a request, the component deploys them. */
import type { ModelSource } from '../shared/aws/model-source.ts';
import type { Place } from '../shared/aws/place.ts';
import type { JobDefinition } from '../shared/lambda/job-run.ts';

export interface BatchTransformArgs {
  /** Account and region of the provider, for ARNs. Changing the region replaces everything. */
  place: Place;
  /** What is run. Changing it replaces the model and runs a new job. */
  model: ModelSource;
  /** The job. Changing it runs a new one. */
  definition: JobDefinition;
  /** `bucket/key` of the data, without `s3://`. */
  inputLocation: string;
  /** `bucket/prefix` for the results, without `s3://`. */
  outputLocation: string;
  /** Key for results and volume; default: AWS's own. */
  kmsKeyArn?: string | undefined;
  /** The change that the stack is deployed for. */
  run: number;
  /** Topic for notifications of ended jobs; default: none. */
  notificationsTopicArn?: string | undefined;
  /** ARN of a policy that bounds both roles; default: none. */
  permissionsBoundaryArn?: string | undefined;
}
