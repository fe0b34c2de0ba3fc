/** Permissions of the deployment role: rules that report ended jobs and builds. Only the orchestrator's account has its topic. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn } from '../scope.ts';

export function manageRules(scope: Scope): Statement[] {
  return [
    {
      Sid: 'ManageRules',
      Effect: 'Allow',
      Action: [
        'events:DeleteRule',
        'events:DescribeRule',
        'events:DisableRule',
        'events:EnableRule',
        'events:ListTagsForResource',
        'events:ListTargetsByRule',
        'events:PutRule',
        'events:PutTargets',
        'events:RemoveTargets',
        'events:TagResource',
        'events:UntagResource',
      ],
      Resource: arn(scope, 'events', `rule/${scope.prefix}-*`),
    },
  ];
}
