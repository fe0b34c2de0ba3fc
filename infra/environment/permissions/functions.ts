/** Permissions of the deployment role: functions of pipelines, and their log groups. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn } from '../scope.ts';

export function manageFunctions(scope: Scope): Statement[] {
  return [
    {
      Sid: 'ManageFunctions',
      Effect: 'Allow',
      Action: [
        'lambda:CreateFunction',
        'lambda:DeleteFunction',
        'lambda:GetFunction',
        'lambda:GetFunctionCodeSigningConfig',
        'lambda:GetFunctionConfiguration',
        // A deployment invokes the functions that create jobs.
        'lambda:InvokeFunction',
        'lambda:ListTags',
        'lambda:ListVersionsByFunction',
        'lambda:TagResource',
        'lambda:UntagResource',
        'lambda:UpdateFunctionCode',
        'lambda:UpdateFunctionConfiguration',
      ],
      Resource: arn(scope, 'lambda', `function:${scope.prefix}-*`),
    },
    {
      Sid: 'ManageLogs',
      Effect: 'Allow',
      Action: [
        'logs:CreateLogGroup',
        'logs:DeleteLogGroup',
        'logs:DeleteRetentionPolicy',
        'logs:ListTagsForResource',
        'logs:PutRetentionPolicy',
        'logs:TagResource',
        'logs:UntagResource',
      ],
      Resource: [
        arn(scope, 'logs', `log-group:${scope.prefix}-*`),
        ...(scope.placements.includes('environments')
          ? [arn(scope, 'logs', `log-group:/aws/vendedlogs/apigateway/${scope.prefix}-*`)]
          : []),
      ],
    },
    // The list action of CloudWatch Logs does not support resources.
    { Sid: 'FindLogs', Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
  ];
}
