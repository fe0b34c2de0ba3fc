/** Permissions of the deployment role: model cards, with what is looked up for them and where they are exported to. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, globalArn } from '../scope.ts';

export function manageModelCards(scope: Scope): Statement[] {
  return [
    {
      // Cards have the names that their authors give them. Export jobs lie below their card.
      Sid: 'ManageModelCards',
      Effect: 'Allow',
      Action: [
        'sagemaker:CreateModelCard',
        'sagemaker:CreateModelCardExportJob',
        'sagemaker:DeleteModelCard',
        'sagemaker:DescribeModelCard',
        'sagemaker:DescribeModelCardExportJob',
        'sagemaker:UpdateModelCard',
      ],
      Resource: arn(scope, 'sagemaker', 'model-card/*'),
    },
    {
      Sid: 'DescribeCardModels',
      Effect: 'Allow',
      Action: ['sagemaker:DescribeModel', 'sagemaker:DescribeTrainingJob'],
      Resource: [arn(scope, 'sagemaker', 'model/*'), arn(scope, 'sagemaker', 'training-job/*')],
    },
    // AWS has no narrower resources for these.
    { Sid: 'FindModelCards', Effect: 'Allow', Action: ['sagemaker:ListModelCards', 'sagemaker:Search'], Resource: '*' },
    {
      Sid: 'ExportModelCards',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: `${globalArn(scope, 's3', scope.assetsBucket)}/model_card_exports/*`,
    },
  ];
}
