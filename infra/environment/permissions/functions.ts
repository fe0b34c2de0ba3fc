/** Permissions of the deployment role: functions of pipelines, and the log groups that these write to. */
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
        // A deployment calls the functions that make jobs.
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
    // CloudWatch Logs lists groups, it has no way to name one.
    { Sid: 'FindLogs', Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' },
  ];
}
