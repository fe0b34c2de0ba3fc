/** Permissions of the deployment role: model cards, the lookups for them, and their exports. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, globalArn } from '../scope.ts';

export function manageModelCards(scope: Scope): Statement[] {
  return [
    {
      // Authors choose the names of cards. The ARNs of export jobs are below that of their card.
      Sid: 'ManageModelCards',
      Effect: 'Allow',
      Action: [
        'sagemaker:CreateModelCard',
        'sagemaker:CreateModelCardExportJob',
        'sagemaker:DeleteModelCard',
        'sagemaker:DescribeModelCard',
        'sagemaker:DescribeModelCardExportJob',
        'sagemaker:ListModelCardVersions',
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
    // These actions do not support narrower resources.
    { Sid: 'FindModelCards', Effect: 'Allow', Action: ['sagemaker:ListModelCards', 'sagemaker:Search'], Resource: '*' },
    {
      Sid: 'ExportModelCards',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: `${globalArn(scope, 's3', scope.assetsBucket)}/model_card_exports/*`,
    },
  ];
}
