/** Permissions of the deployment role: the HTTP API in front of an endpoint, and its access log. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn } from '../scope.ts';

/**
 * APIs have random ids, so they are identified by name. Their parts have neither names nor tags: these are allowed for every
 * HTTP API of the account and region, but never a route without authorization.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html
 */
export function manageApis(scope: Scope): Statement[] {
  // ARNs of API Gateway have no account.
  const gateway = (path: string) => arn(scope, 'apigateway', path, '');
  const names = `${scope.prefix}-*`;
  return [
    {
      Sid: 'MakeApis',
      Effect: 'Allow',
      Action: 'apigateway:POST',
      Resource: gateway('/apis'),
      Condition: { StringLike: { 'apigateway:Request/ApiName': names } },
    },
    { Sid: 'LookAtApis', Effect: 'Allow', Action: 'apigateway:GET', Resource: [gateway('/apis'), gateway('/apis/*')] },
    {
      Sid: 'ChangeApis',
      Effect: 'Allow',
      Action: ['apigateway:DELETE', 'apigateway:PATCH'],
      Resource: gateway('/apis/*'),
      Condition: { StringLike: { 'apigateway:Resource/ApiName': names } },
    },
    {
      Sid: 'ManagePartsOfApis',
      Effect: 'Allow',
      Action: ['apigateway:DELETE', 'apigateway:PATCH', 'apigateway:POST'],
      Resource: ['integrations', 'stages'].flatMap((part) => [
        gateway(`/apis/*/${part}`),
        gateway(`/apis/*/${part}/*`),
      ]),
    },
    {
      Sid: 'ManageSignedRoutes',
      Effect: 'Allow',
      Action: ['apigateway:DELETE', 'apigateway:PATCH', 'apigateway:POST'],
      Resource: [gateway('/apis/*/routes'), gateway('/apis/*/routes/*')],
      // An update or deletion without this key leaves the authorization unchanged.
      Condition: { StringEqualsIfExists: { 'apigateway:Request/RouteAuthorizationType': 'AWS_IAM' } },
    },
    {
      Sid: 'TagApis',
      Effect: 'Allow',
      Action: ['apigateway:DELETE', 'apigateway:GET', 'apigateway:POST', 'apigateway:PUT'],
      Resource: gateway('/tags/*'),
    },
    {
      Sid: 'LetApisCallFunctions',
      Effect: 'Allow',
      Action: 'lambda:AddPermission',
      Resource: arn(scope, 'lambda', `function:${scope.prefix}-*`),
      Condition: { StringEquals: { 'lambda:Principal': 'apigateway.amazonaws.com' } },
    },
    {
      Sid: 'ForbidApisToCallFunctions',
      Effect: 'Allow',
      Action: ['lambda:GetPolicy', 'lambda:RemovePermission'],
      Resource: arn(scope, 'lambda', `function:${scope.prefix}-*`),
    },
    {
      // API Gateway sets up access log delivery with the permissions of the caller of CreateStage; none supports resource ARNs.
      // @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
      Sid: 'DeliverAccessLogs',
      Effect: 'Allow',
      Action: [
        'logs:CreateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:DescribeResourcePolicies',
        'logs:GetLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:UpdateLogDelivery',
      ],
      Resource: '*',
    },
  ];
}
