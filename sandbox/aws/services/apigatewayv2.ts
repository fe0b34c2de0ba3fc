/** HTTP and WebSocket APIs. @see https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/api-reference.html */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { localApiEndpoint } from '../gateway-address.ts';
import { idOf, randomId } from '../identifiers.ts';
import type { Scope } from '../partitions.ts';
import { isAbsent, text } from '../properties.ts';
import { functionName } from '../references.ts';
import type { CallContext, Reference, TypeDefinition } from '../resource-type.ts';
import type { Store } from '../store.ts';
import { placeOf } from '../store.ts';
import { findFunction } from './lambda.ts';

const service = { folder: 'apigatewayv2', sdkId: 'ApiGatewayV2' };
const API = 'aws:apigatewayv2/api:Api';
const INTEGRATION = 'aws:apigatewayv2/integration:Integration';
const ROUTE = 'aws:apigatewayv2/route:Route';
const STAGE = 'aws:apigatewayv2/stage:Stage';
const VPC_LINK = 'aws:apigatewayv2/vpcLink:VpcLink';

const apiArn = (scope: Scope, path: string): string =>
  `arn:${scope.partition}:apigateway:${scope.region}::/apis/${path}`;
const executeHost = (scope: Scope, apiId: string): string => `${apiId}.execute-api.${scope.region}.${scope.dnsSuffix}`;
const executionArn = (scope: Scope, path: string): string =>
  `arn:${scope.partition}:execute-api:${scope.region}:${scope.accountId}:${path}`;

const apiExists: Reference = {
  property: 'apiId',
  type: API,
  code: 'NotFoundException',
  status: 404,
  message: (id) => `Invalid API identifier specified ${id}`,
};

const ofApi = (token: string) => async (context: CallContext, apiId: string) =>
  (await context.store.list(placeOf({ token }, context.scope))).filter((each) => each.inputs['apiId'] === apiId);

async function apiEndpoint(inputs: Properties, id: string, scope: Scope, store: Store): Promise<string> {
  if (inputs['protocolType'] === 'WEBSOCKET') return `wss://${executeHost(scope, id)}`;
  return (await localApiEndpoint(store, scope, id)) ?? `https://${executeHost(scope, id)}`;
}

const api: TypeDefinition = {
  token: API,
  service,
  title: 'API Gateway v2 API',
  api: { create: 'CreateApi', update: 'UpdateApi', delete: 'DeleteApi' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: { property: 'name', maxLength: 128, pattern: /^[\s\S]+$/, code: 'BadRequestException' },
  rules: [
    { path: 'protocolType', oneOf: ['HTTP', 'WEBSOCKET'] },
    { path: 'ipAddressType', oneOf: ['ipv4', 'dualstack'] },
  ],
  replaceOn: ['protocolType'],
  defaults: {
    apiKeySelectionExpression: '$request.header.x-api-key',
    disableExecuteApiEndpoint: false,
    ipAddressType: 'ipv4',
    routeSelectionExpression: '$request.method $request.path',
  },
  identity: { kind: 'assigned', newId: () => randomId(10), searchBy: ['name', 'protocolType'] },
  outputs: async (inputs, id, scope, store) => ({
    apiEndpoint: await apiEndpoint(inputs, id, scope, store),
    arn: apiArn(scope, id),
    executionArn: executionArn(scope, id),
  }),
  cascade: async (context, before) => {
    const children = await Promise.all([INTEGRATION, ROUTE, STAGE].map((token) => ofApi(token)(context, before.id)));
    return children.flat();
  },
};

const HTTP_INTEGRATIONS = ['AWS_PROXY', 'HTTP_PROXY'];

const integration: TypeDefinition = {
  token: INTEGRATION,
  service,
  title: 'API Gateway v2 Integration',
  api: { create: 'CreateIntegration', update: 'UpdateIntegration', delete: 'DeleteIntegration' },
  rules: [
    { path: 'integrationType', oneOf: ['AWS', 'AWS_PROXY', 'HTTP', 'HTTP_PROXY', 'MOCK'] },
    { path: 'payloadFormatVersion', oneOf: ['1.0', '2.0'] },
    { path: 'connectionType', oneOf: ['INTERNET', 'VPC_LINK'] },
    { path: 'timeoutMilliseconds', min: 50, max: 30_000 },
  ],
  replaceOn: ['apiId', 'integrationType'],
  defaults: { connectionType: 'INTERNET', payloadFormatVersion: '1.0', timeoutMilliseconds: 30_000 },
  identity: {
    kind: 'assigned',
    newId: () => randomId(7),
    searchBy: ['apiId', 'integrationType', 'integrationUri', 'integrationMethod'],
  },
  outputs: () => ({ integrationResponseSelectionExpression: '' }),
  references: [apiExists],
  refuseCreate: requireIntegration,
  refuseUpdate: requireIntegration,
  refuseDelete: async (context, before) => {
    const routes = await ofApi(ROUTE)(context, text(before.inputs, 'apiId'));
    if (routes.some((route) => route.inputs['target'] === `integrations/${before.id}`)) {
      refuse('ConflictException', `Cannot delete Integration '${before.id}': it is used by a route.`, 409);
    }
  },
};

async function requireIntegration(context: CallContext): Promise<void> {
  const { inputs, store, scope } = context;
  const type = text(inputs, 'integrationType');
  const parent = await store.read(placeOf({ token: API }, scope), text(inputs, 'apiId'));
  if (parent?.inputs['protocolType'] === 'HTTP' && !HTTP_INTEGRATIONS.includes(type)) {
    refuse('BadRequestException', `Integration type ${type} is not supported for HTTP APIs.`);
  }
  const uri = text(inputs, 'integrationUri');
  if (text(inputs, 'connectionType') === 'VPC_LINK') await requireVpcLink(context, uri);
  if (type === 'AWS_PROXY' && uri === '' && isAbsent(inputs['integrationSubtype'])) {
    refuse('BadRequestException', 'An AWS_PROXY integration needs an integration URI.');
  }
  const functionArn = /functions\/(arn:[^/]+)\/invocations$/.exec(uri)?.[1] ?? (uri.includes(':lambda:') ? uri : '');
  if (functionArn !== '' && !(await findFunction(context, functionArn))) {
    refuse('BadRequestException', `Invalid function ${functionName(functionArn)}: it does not exist.`);
  }
}

async function requireVpcLink({ inputs, store, scope }: CallContext, uri: string): Promise<void> {
  if (!(await store.read(placeOf({ token: VPC_LINK }, scope), text(inputs, 'connectionId')))) {
    refuse('BadRequestException', 'Invalid VPC link: it does not exist.');
  }
  const listener = await store.read(placeOf({ token: 'aws:lb/listener:Listener' }, scope), uri);
  if (uri.includes(':listener/') && !listener) refuse('BadRequestException', 'Invalid listener: it does not exist.');
}

const ROUTE_KEY = /^(\$default|\$connect|\$disconnect|(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \/\S*|[^\s/]+)$/;

const route: TypeDefinition = {
  token: ROUTE,
  service,
  title: 'API Gateway v2 Route',
  api: { create: 'CreateRoute', update: 'UpdateRoute', delete: 'DeleteRoute' },
  rules: [
    { path: 'authorizationType', oneOf: ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT'] },
    { path: 'routeKey', pattern: ROUTE_KEY },
  ],
  replaceOn: ['apiId'],
  defaults: { apiKeyRequired: false, authorizationType: 'NONE' },
  identity: { kind: 'derived', key: (inputs) => idOf(7, text(inputs, 'apiId'), text(inputs, 'routeKey')) },
  references: [
    apiExists,
    {
      property: 'target',
      type: INTEGRATION,
      key: (target) => target.replace(/^integrations\//, ''),
      code: 'NotFoundException',
      status: 404,
      message: (target) => `Invalid Integration identifier specified ${target}`,
    },
  ],
  duplicate: {
    code: 'ConflictException',
    status: 409,
    message: () => 'Route with this key already exists for this API',
  },
};

const stagePath = (inputs: Properties): string => (text(inputs, 'name') === '$default' ? '' : text(inputs, 'name'));

const stage: TypeDefinition = {
  token: STAGE,
  service,
  title: 'API Gateway v2 Stage',
  api: { create: 'CreateStage', update: 'UpdateStage', delete: 'DeleteStage' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: {
    property: 'name',
    maxLength: 128,
    pattern: /^(\$default|[a-zA-Z0-9_-]+)$/,
    code: 'BadRequestException',
  },
  rules: [
    { path: 'accessLogSettings.destinationArn', pattern: /^arn:/ },
    { path: 'defaultRouteSettings.loggingLevel', oneOf: ['ERROR', 'INFO', 'OFF'] },
  ],
  replaceOn: ['apiId', 'name'],
  defaults: { autoDeploy: false },
  identity: {
    kind: 'derived',
    key: (inputs) => `${text(inputs, 'apiId')}/${text(inputs, 'name')}`,
    id: (inputs) => text(inputs, 'name'),
  },
  outputs: async (inputs, id, scope, store) => {
    const apiId = text(inputs, 'apiId');
    const local = await localApiEndpoint(store, scope, apiId);
    return {
      arn: apiArn(scope, `${apiId}/stages/${id}`),
      executionArn: executionArn(scope, `${apiId}/${id}`),
      invokeUrl: `${local ?? `https://${executeHost(scope, apiId)}`}/${stagePath(inputs)}`,
    };
  },
  references: [apiExists],
  duplicate: {
    code: 'ConflictException',
    status: 409,
    message: () => 'Stage already exists',
  },
  refuseCreate: async ({ inputs }) => {
    if (inputs['autoDeploy'] === true && !isAbsent(inputs['deploymentId'])) {
      refuse('BadRequestException', 'Cannot set a deployment id for a stage with auto-deploy enabled.');
    }
  },
};

const vpcLink: TypeDefinition = {
  token: VPC_LINK,
  service,
  title: 'API Gateway v2 VPC Link',
  api: { create: 'CreateVpcLink', update: 'UpdateVpcLink', delete: 'DeleteVpcLink' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: { property: 'name', maxLength: 128, pattern: /^[\s\S]+$/, code: 'BadRequestException' },
  replaceOn: ['securityGroupIds', 'subnetIds'],
  identity: { kind: 'assigned', newId: () => randomId(6), searchBy: ['name'] },
  outputs: (_inputs, id, scope) => ({
    arn: `arn:${scope.partition}:apigateway:${scope.region}::/vpclinks/${id}`,
  }),
  refuseDelete: async ({ store, scope }, before) => {
    const integrations = await store.list(placeOf({ token: INTEGRATION }, scope));
    if (integrations.some((one) => one.inputs['connectionId'] === before.id)) {
      refuse('BadRequestException', 'Cannot delete VPC link: it is used by an integration.');
    }
  },
  seconds: { create: 3, delete: 1 },
};

export const apigatewayv2Types: readonly TypeDefinition[] = [api, integration, route, stage, vpcLink];
