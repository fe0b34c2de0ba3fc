/** Arguments of training, tuning and Autopilot pipelines: the program fills them in, the component deploys them. */
import type { Place } from '../shared/aws/place.ts';
import type { JobDefinition } from '../shared/lambda/job-run.ts';

export interface TrainingPipelineArgs {
  /** Account and region of the provider, for ARNs. Changing the region replaces everything. */
  place: Place;
  /** The job. Changing it runs a new one. */
  definition: JobDefinition;
  /** Bucket of data and output. */
  assetsBucket: string;
  /** Keys or prefixes that the job reads. Changing them changes the job's role. */
  data: readonly string[];
  /** Prefix for the output of the job. Changing it changes the job's role. */
  output: string;
  /** Image of the algorithm; default: SageMaker's built-in image, which needs no permission to pull. */
  image?: string;
  /** Key for output and volumes; default: AWS's own. */
  kmsKeyArn?: string | undefined;
  /** The change that the stack is deployed for. */
  run: number;
  /** Topic for notifications of ended jobs; default: none. */
  notificationsTopicArn?: string | undefined;
  /** ARN of a policy that bounds both roles; default: none. */
  permissionsBoundaryArn?: string | undefined;
}
