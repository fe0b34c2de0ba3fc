/** REST APIs. @see https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { idOf, randomId } from '../identifiers.ts';
import type { Scope } from '../partitions.ts';
import { isAbsent, object, same, text } from '../properties.ts';
import { requireRole } from '../references.ts';
import type { CallContext, Identity, Reference, ResourceType } from '../resource-type.ts';
import type { StoredResource } from '../store.ts';
import { placeOf } from '../store.ts';

const service = { folder: 'apigateway', sdkId: 'API Gateway' };
const REST_API = 'aws:apigateway/restApi:RestApi';
const RESOURCE = 'aws:apigateway/resource:Resource';
const METHOD = 'aws:apigateway/method:Method';
const INTEGRATION = 'aws:apigateway/integration:Integration';
const METHOD_RESPONSE = 'aws:apigateway/methodResponse:MethodResponse';
const INTEGRATION_RESPONSE = 'aws:apigateway/integrationResponse:IntegrationResponse';
const METHOD_SETTINGS = 'aws:apigateway/methodSettings:MethodSettings';
const DEPLOYMENT = 'aws:apigateway/deployment:Deployment';
const STAGE = 'aws:apigateway/stage:Stage';

const apiArn = (scope: Scope, path: string): string =>
  `arn:${scope.partition}:apigateway:${scope.region}::/restapis/${path}`;
const executionArn = (scope: Scope, path: string): string =>
  `arn:${scope.partition}:execute-api:${scope.region}:${scope.accountId}:${path}`;

const notFound = (property: string, type: string, what: string, key?: Reference['key']): Reference => ({
  property,
  type,
  ...(key && { key }),
  code: 'NotFoundException',
  status: 404,
  message: () => `Invalid ${what} identifier specified`,
});

const apiExists = notFound('restApi', REST_API, 'API');

/** Ids of things below a method: `agm-API-RESOURCE-VERB`, with a status code for responses. */
const dashed = (prefix: string, ...keys: string[]): Identity => ({
  kind: 'derived',
  key: (inputs) => [prefix, ...keys.map((key) => text(inputs, key))].join('-'),
});
const METHOD_KEYS = ['restApi', 'resourceId', 'httpMethod'];

const methodExists = notFound('httpMethod', METHOD, 'Method', (_verb, inputs) =>
  ['agm', ...METHOD_KEYS.map((key) => text(inputs, key))].join('-'),
);

const ofApi = async ({ store, scope }: CallContext, token: string, apiId: string): Promise<StoredResource[]> =>
  (await store.list(placeOf({ token }, scope))).filter((each) => each.inputs['restApi'] === apiId);

const VERBS = ['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
const CHILDREN = [
  RESOURCE,
  METHOD,
  INTEGRATION,
  METHOD_RESPONSE,
  INTEGRATION_RESPONSE,
  METHOD_SETTINGS,
  DEPLOYMENT,
  STAGE,
];

const restApi: ResourceType = {
  token: REST_API,
  service,
  title: 'API Gateway REST API',
  api: { create: 'CreateRestApi', update: 'UpdateRestApi', delete: 'DeleteRestApi' },
  autoName: { property: 'name', maxLength: 255 },
  rules: [
    { path: 'endpointConfiguration.types', oneOf: ['EDGE', 'REGIONAL', 'PRIVATE'] },
    { path: 'putRestApiMode', oneOf: ['merge', 'overwrite'] },
    { path: 'apiKeySource', oneOf: ['HEADER', 'AUTHORIZER'] },
    { path: 'body', json: true },
  ],
  taggable: true,
  replaceOn: [],
  documents: ['body', 'policy'],
  defaults: {
    apiKeySource: 'HEADER',
    binaryMediaTypes: [],
    disableExecuteApiEndpoint: false,
    minimumCompressionSize: '',
  },
  computed: ['arn', 'createdDate', 'executionArn', 'rootResourceId'],
  identity: { kind: 'assigned', newId: () => randomId(10), searchBy: ['name'] },
  outputs: (_inputs, id, scope) => ({
    arn: apiArn(scope, id),
    createdDate: new Date().toISOString(),
    executionArn: executionArn(scope, id),
    rootResourceId: rootOf(id),
  }),
  cascade: async (context, before) =>
    (await Promise.all(CHILDREN.map((token) => ofApi(context, token, before.id)))).flat(),
};

/** The root resource comes with the API, so its id follows from the API's. */
const rootOf = (apiId: string): string => idOf(10, 'root', apiId);

async function requireParent(
  { store, scope, inputs }: CallContext,
  property: string,
): Promise<StoredResource | undefined> {
  const id = text(inputs, property);
  if (id === rootOf(text(inputs, 'restApi'))) return undefined;
  const found = await store.read(placeOf({ token: RESOURCE }, scope), id);
  if (found?.inputs['restApi'] !== inputs['restApi']) {
    refuse('NotFoundException', 'Invalid Resource identifier specified', 404);
  }
  return found;
}

const resource: ResourceType = {
  token: RESOURCE,
  service,
  title: 'API Gateway Resource',
  api: { create: 'CreateResource', update: 'UpdateResource', delete: 'DeleteResource' },
  required: ['parentId', 'pathPart', 'restApi'],
  rules: [{ path: 'pathPart', pattern: /^(\{[\w.-]+\+?\}|[\w.\-:~$@]+)$/ }],
  replaceOn: ['restApi', 'parentId', 'pathPart'],
  computed: ['path'],
  identity: {
    kind: 'derived',
    key: (inputs) => idOf(6, text(inputs, 'restApi'), text(inputs, 'parentId'), text(inputs, 'pathPart')),
  },
  outputs: async (inputs, _id, scope, store) => {
    const parent = await store.read(placeOf({ token: RESOURCE }, scope), text(inputs, 'parentId'));
    return { path: `${text(parent?.outputs ?? {}, 'path')}/${text(inputs, 'pathPart')}` };
  },
  references: [apiExists],
  duplicate: {
    code: 'ConflictException',
    status: 409,
    message: () => 'Another resource with the same parent already has this name',
  },
  refuseCreate: async (context) => {
    await requireParent(context, 'parentId');
    const { inputs } = context;
    if (!text(inputs, 'pathPart').startsWith('{')) return;
    const all = await ofApi(context, RESOURCE, text(inputs, 'restApi'));
    const sibling = all.find(
      (each) => each.inputs['parentId'] === inputs['parentId'] && text(each.inputs, 'pathPart').startsWith('{'),
    );
    if (sibling && sibling.inputs['pathPart'] !== inputs['pathPart']) {
      refuse('BadRequestException', 'A sibling of this resource already has a variable path part');
    }
  },
  cascade: async (context, before) => {
    const api = text(before.inputs, 'restApi');
    const found: StoredResource[] = [];
    for (const token of [RESOURCE, METHOD, INTEGRATION, METHOD_RESPONSE, INTEGRATION_RESPONSE]) {
      const below = token === RESOURCE ? 'parentId' : 'resourceId';
      found.push(...(await ofApi(context, token, api)).filter((each) => each.inputs[below] === before.id));
    }
    return found;
  },
};

const methodType: ResourceType = {
  token: METHOD,
  service,
  title: 'API Gateway Method',
  api: { create: 'PutMethod', update: 'UpdateMethod', delete: 'DeleteMethod' },
  required: ['authorization', 'httpMethod', 'resourceId', 'restApi'],
  rules: [
    { path: 'authorization', oneOf: ['NONE', 'AWS_IAM', 'CUSTOM', 'COGNITO_USER_POOLS'] },
    { path: 'httpMethod', oneOf: VERBS },
  ],
  replaceOn: METHOD_KEYS,
  defaults: { apiKeyRequired: false },
  computed: [],
  identity: dashed('agm', ...METHOD_KEYS),
  references: [apiExists],
  duplicate: {
    code: 'ConflictException',
    status: 409,
    message: () => 'Method already exists for this resource',
  },
  refuseCreate: async (context) => {
    await requireParent(context, 'resourceId');
    const authorization = text(context.inputs, 'authorization');
    if (['CUSTOM', 'COGNITO_USER_POOLS'].includes(authorization) && isAbsent(context.inputs['authorizerId'])) {
      refuse('BadRequestException', 'Invalid authorizer ID specified. Setting the authorization type needs one.');
    }
  },
};

const integration: ResourceType = {
  token: INTEGRATION,
  service,
  title: 'API Gateway Integration',
  api: { create: 'PutIntegration', update: 'UpdateIntegration', delete: 'DeleteIntegration' },
  required: ['httpMethod', 'resourceId', 'restApi', 'type'],
  rules: [
    { path: 'type', oneOf: ['HTTP', 'AWS', 'MOCK', 'HTTP_PROXY', 'AWS_PROXY'] },
    { path: 'timeoutMilliseconds', min: 50, max: 300_000 },
    { path: 'integrationHttpMethod', oneOf: VERBS },
    { path: 'passthroughBehavior', oneOf: ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'] },
  ],
  replaceOn: [...METHOD_KEYS, 'type', 'credentials', 'integrationHttpMethod', 'passthroughBehavior'],
  deleteBeforeReplace: true,
  defaults: { connectionType: 'INTERNET', passthroughBehavior: 'WHEN_NO_MATCH', timeoutMilliseconds: 29_000 },
  computed: ['cacheNamespace'],
  identity: dashed('agi', ...METHOD_KEYS),
  outputs: (inputs) => ({ cacheNamespace: text(inputs, 'cacheNamespace') || text(inputs, 'resourceId') }),
  references: [apiExists, methodExists],
  refuseCreate: async ({ inputs }) => {
    if (!['AWS', 'AWS_PROXY'].includes(text(inputs, 'type'))) return;
    if (text(inputs, 'integrationHttpMethod') === '' || text(inputs, 'uri') === '') {
      refuse('BadRequestException', 'Enumeration value for HttpMethod must be non-empty');
    }
  },
};

const statusRule = { path: 'statusCode', pattern: /^[1-5]\d\d$/ };

const methodResponse: ResourceType = {
  token: METHOD_RESPONSE,
  service,
  title: 'API Gateway Method Response',
  api: { create: 'PutMethodResponse', update: 'UpdateMethodResponse', delete: 'DeleteMethodResponse' },
  required: ['httpMethod', 'resourceId', 'restApi', 'statusCode'],
  rules: [statusRule],
  replaceOn: [...METHOD_KEYS, 'statusCode'],
  computed: [],
  identity: dashed('agmr', ...METHOD_KEYS, 'statusCode'),
  references: [apiExists, methodExists],
  duplicate: {
    code: 'ConflictException',
    status: 409,
    message: () => 'Response already exists for this resource',
  },
};

const integrationResponse: ResourceType = {
  token: INTEGRATION_RESPONSE,
  service,
  title: 'API Gateway Integration Response',
  api: { create: 'PutIntegrationResponse', update: 'UpdateIntegrationResponse', delete: 'DeleteIntegrationResponse' },
  required: ['httpMethod', 'resourceId', 'restApi', 'statusCode'],
  rules: [statusRule],
  replaceOn: [...METHOD_KEYS, 'statusCode'],
  computed: [],
  identity: dashed('agir', ...METHOD_KEYS, 'statusCode'),
  references: [
    apiExists,
    notFound('statusCode', METHOD_RESPONSE, 'Response status code', (code, inputs) =>
      ['agmr', ...METHOD_KEYS.map((key) => text(inputs, key)), code].join('-'),
    ),
  ],
};

const deployment: ResourceType = {
  token: DEPLOYMENT,
  service,
  title: 'API Gateway Deployment',
  api: { create: 'CreateDeployment', update: 'UpdateDeployment', delete: 'DeleteDeployment' },
  required: ['restApi'],
  replaceOn: ['restApi', 'triggers', 'variables'],
  computed: ['createdDate'],
  identity: { kind: 'assigned', newId: () => randomId(6), searchBy: ['restApi', 'triggers', 'description'] },
  outputs: () => ({ createdDate: new Date().toISOString() }),
  references: [apiExists],
  refuseCreate: async (context) => {
    const apiId = text(context.inputs, 'restApi');
    const parent = await context.store.read(placeOf({ token: REST_API }, context.scope), apiId);
    if (parent && !isAbsent(parent.inputs['body'])) return;
    const methods = await ofApi(context, METHOD, apiId);
    if (methods.length === 0) refuse('BadRequestException', "The REST API doesn't contain any methods");
    const integrations = await ofApi(context, INTEGRATION, apiId);
    const bare = methods.some((each) => !integrations.some((one) => one.key === each.key.replace(/^agm-/, 'agi-')));
    if (bare) refuse('BadRequestException', 'No integration defined for method');
  },
  refuseDelete: async (context, before) => {
    const stages = await ofApi(context, STAGE, text(before.inputs, 'restApi'));
    if (stages.some((each) => each.inputs['deployment'] === before.id)) {
      refuse('BadRequestException', 'Active stages pointing to this deployment must be moved or deleted');
    }
  },
};

const NO_LOG_ROLE = 'CloudWatch Logs role ARN must be set in account settings to enable logging';

async function requireLogRole({ store, scope }: CallContext): Promise<void> {
  const found = await store.read(placeOf(account, scope), scope.accountId);
  if (isAbsent(found?.inputs['cloudwatchRoleArn'])) refuse('BadRequestException', NO_LOG_ROLE);
}

async function requireStageParts(context: CallContext): Promise<void> {
  if (!isAbsent(context.inputs['accessLogSettings'])) await requireLogRole(context);
}

const deploymentExists = notFound('deployment', DEPLOYMENT, 'Deployment');

const stage: ResourceType = {
  token: STAGE,
  service,
  title: 'API Gateway Stage',
  api: { create: 'CreateStage', update: 'UpdateStage', delete: 'DeleteStage' },
  required: ['deployment', 'restApi', 'stageName'],
  nameRule: { property: 'stageName', maxLength: 128, pattern: /^[a-zA-Z0-9_-]+$/, code: 'BadRequestException' },
  rules: [{ path: 'accessLogSettings.destinationArn', pattern: /^arn:/ }],
  taggable: true,
  replaceOn: ['restApi', 'stageName'],
  defaults: { cacheClusterEnabled: false, xrayTracingEnabled: false, webAclArn: '' },
  computed: ['arn', 'executionArn', 'invokeUrl'],
  identity: dashed('ags', 'restApi', 'stageName'),
  outputs: (inputs, _id, scope) => {
    const [api, name] = [text(inputs, 'restApi'), text(inputs, 'stageName')];
    return {
      arn: apiArn(scope, `${api}/stages/${name}`),
      executionArn: executionArn(scope, `${api}/${name}`),
      invokeUrl: `https://${api}.execute-api.${scope.region}.${scope.dnsSuffix}/${name}`,
    };
  },
  references: [apiExists, deploymentExists],
  duplicate: { code: 'ConflictException', status: 409, message: () => 'Stage already exists' },
  refuseCreate: requireStageParts,
  refuseUpdate: async (context, before) => {
    if (!same(context.inputs['accessLogSettings'], before.inputs['accessLogSettings']))
      await requireStageParts(context);
  },
};

async function requireSettingsParts(context: CallContext): Promise<void> {
  const level = text(object(context.inputs, 'settings'), 'loggingLevel');
  if (level !== '' && level !== 'OFF') await requireLogRole(context);
}

const methodSettings: ResourceType = {
  token: METHOD_SETTINGS,
  service,
  title: 'API Gateway Method Settings',
  api: { create: 'UpdateStage', update: 'UpdateStage', delete: 'UpdateStage' },
  required: ['methodPath', 'restApi', 'settings', 'stageName'],
  rules: [{ path: 'settings.loggingLevel', oneOf: ['OFF', 'ERROR', 'INFO'] }],
  replaceOn: ['methodPath', 'restApi', 'stageName'],
  computed: [],
  identity: {
    kind: 'derived',
    key: (inputs) => ['restApi', 'stageName', 'methodPath'].map((key) => text(inputs, key)).join('-'),
  },
  references: [
    apiExists,
    notFound('stageName', STAGE, 'stage', (name, inputs) => `ags-${text(inputs, 'restApi')}-${name}`),
  ],
  refuseCreate: requireSettingsParts,
  refuseUpdate: requireSettingsParts,
};

const account: ResourceType = {
  token: 'aws:apigateway/account:Account',
  service,
  title: 'API Gateway Account',
  api: { create: 'UpdateAccount', update: 'UpdateAccount', delete: 'UpdateAccount' },
  replaceOn: [],
  computed: ['apiKeyVersion', 'features', 'throttleSettings'],
  // One per account and region: two stacks overwrite each other, as in AWS.
  identity: { kind: 'derived', key: (_inputs: Properties, scope) => scope.accountId },
  outputs: () => ({
    apiKeyVersion: '4',
    features: ['UsagePlans'],
    throttleSettings: [{ burstLimit: 5000, rateLimit: 10_000 }],
  }),
  refuseCreate: requireAccountRole,
  refuseUpdate: requireAccountRole,
};

async function requireAccountRole(context: CallContext): Promise<void> {
  const role = text(context.inputs, 'cloudwatchRoleArn');
  if (role === '') return;
  await requireRole(context, role, 'apigateway.amazonaws.com', {
    code: 'BadRequestException',
    message:
      'The role ARN does not have required permissions configured. Please grant trust permission for API Gateway',
  });
}

export const apigatewayTypes: readonly ResourceType[] = [
  restApi,
  resource,
  methodType,
  integration,
  methodResponse,
  integrationResponse,
  deployment,
  stage,
  methodSettings,
  account,
];
