/** Request → SageMaker's CreateTrainingJob. Pure. */
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import type { TrainingRequest } from '../training/training-definition.ts';
import {
  TRAINING_INPUT_MODE,
  hyperparameterText,
  instances,
  sharedTrainingParts,
} from '../training/training-definition.ts';

/** The request but for what only the deployment and the call know. */
export type TrainingJob = Omit<CreateTrainingJobRequest, 'TrainingJobName' | 'RoleArn' | 'Tags'>;

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html */
export const TRAINING_NAMES = { suffix: 'training', jobNameLimit: 63 } as const;

/** @param image of the algorithm, in the region of the job */
export function trainingJob(request: TrainingRequest, image: string, assetsBucket: string): TrainingJob {
  return {
    AlgorithmSpecification: { TrainingImage: image, TrainingInputMode: TRAINING_INPUT_MODE },
    HyperParameters: Object.fromEntries(
      Object.entries(request.algo_hyperparamaters).map(([name, value]) => [name, hyperparameterText(value)]),
    ),
    ResourceConfig: instances(request),
    ...sharedTrainingParts(request, assetsBucket),
  };
}
