/** The OpenAPI 3.1 document, generated from the route table and the joi schemas, so that it always matches them. */
import Joi from 'joi';
import type { SchemaSettings } from '../blueprints/blueprint.ts';
import { MODEL_CARD_TYPES, modelCardSchema } from '../blueprints/model-cards/schema.ts';
import { listPipelineTypes } from '../blueprints/registry.ts';
import { ANSWERS, answer } from './answers.ts';
import { toJsonSchema } from './json-schema.ts';
import type { JsonSchema, Route } from './route.ts';

/** Refusals that any route may return. */
const COMMON_REFUSALS = [400, 429, 500, 503];
/** Refusals of routes that are not open. */
const ACCESS_REFUSALS = [401, 403];
const BODY_REFUSALS = [413, 415];

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'The request is wrong; `errors` names everything that is',
  401: 'The caller is not known',
  403: 'The caller may not do this',
  404: 'There is no such thing',
  409: 'It cannot be done now: something else is being done to the same pipeline, or its id is taken by another type',
  410: 'It was possible, and is no longer',
  413: 'The body is larger than 1 MiB',
  415: 'The body is not JSON in UTF-8, or is compressed',
  429: 'Too many requests; `Retry-After` says how long to wait',
  500: 'A fault of the service',
  501: 'This version cannot carry the request out yet',
  502: 'The engine could not do it; the answer says why',
  503: 'The database does not answer just now; `Retry-After` says how long to wait',
  504: 'The engine took too long',
};

const SIGV4 = 'sigv4';
/** As API Gateway writes and reads it. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html */
const SIGNATURE: JsonSchema = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'awsSigv4',
  description: 'AWS Signature Version 4 for the service execute-api',
};

/**
 * @param routes all routes of the app
 * @param version of the service
 * @param isSigned whether callers sign their requests, for the gateway
 * @see https://spec.openapis.org/oas/v3.1.0
 */
export function openApiDocument(
  routes: readonly Route[],
  settings: SchemaSettings,
  version: string,
  isSigned: boolean,
): JsonSchema {
  const paths: Record<string, JsonSchema> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, isSigned) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'MLOps Workload Orchestrator',
      version,
      description: 'One HTTP call provisions a machine-learning pipeline on Amazon SageMaker.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.flatMap(({ tag }) => tag ?? []))].map((name) => ({ name })),
    paths,
    components: {
      ...(isSigned ? { securitySchemes: { [SIGV4]: SIGNATURE } } : {}),
      schemas: { ...answerSchemas(), ...requestSchemas(settings) },
    },
  };
}

function operation(route: Route, isSigned: boolean): JsonSchema {
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.tag ? { tags: [route.tag] } : {}),
    ...(isSigned && route.role !== 'open' ? { security: [{ [SIGV4]: [] }] } : {}),
    'x-role': route.role,
    ...(route.description ? { description: route.description } : {}),
    parameters: [...pathParameters(route), ...queryParameters(route)],
    ...(route.body ? { requestBody: requestBody(route.body) } : {}),
    responses: responses(route),
  };
}

function pathParameters(route: Route): JsonSchema[] {
  return Object.entries(route.params ?? {}).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }));
}

function queryParameters(route: Route): JsonSchema[] {
  if (!route.query) return [];
  const { properties } = toJsonSchema(route.query) as { properties?: Record<string, JsonSchema> };
  return Object.entries(properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema,
  }));
}

function requestBody({ presence, schema }: NonNullable<Route['body']>): JsonSchema {
  return { required: presence === 'required', content: { 'application/json': { schema } } };
}

function responses(route: Route): JsonSchema {
  const refusals = [
    ...COMMON_REFUSALS,
    ...(route.role === 'open' ? [] : ACCESS_REFUSALS),
    ...(route.body ? BODY_REFUSALS : []),
    ...(route.refusals ?? []),
  ];
  const all: Record<string, JsonSchema> = {};
  for (const status of refusals.sort((a, b) => a - b)) {
    all[status] = { description: REFUSALS[status], content: { 'application/json': { schema: answer('Error') } } };
  }
  for (const [status, { description, schema, contentType = 'application/json', otherTypes = {} }] of Object.entries(
    route.answers,
  )) {
    const types = Object.entries({ ...(schema ? { [contentType]: schema } : {}), ...otherTypes });
    const content = Object.fromEntries(types.map(([type, ofType]) => [type, { schema: ofType }]));
    all[status] = { description, ...(types.length > 0 ? { content } : {}) };
  }
  return all;
}

function answerSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(ANSWERS).map(([name, schema]) => [name, opened(toJsonSchema(schema))]));
}

/** Allows unknown keys at any depth: generated clients must accept responses with additional keys. */
function opened<T>(schema: T): T {
  if (Array.isArray(schema)) return schema.map(opened) as T;
  if (typeof schema !== 'object' || schema === null) return schema;
  const kept = Object.entries(schema).filter(([key, value]) => !(key === 'additionalProperties' && value === false));
  return Object.fromEntries(kept.map(([key, value]) => [key, opened(value)])) as T;
}

function requestSchemas(settings: SchemaSettings): Record<string, JsonSchema> {
  const types = listPipelineTypes(settings);
  const schemas = types.map((type) => [type.pipelineType, { ...type.requestSchema, examples: [type.example] }]);
  const cards = MODEL_CARD_TYPES.map((type) => [type, toJsonSchema(modelCardSchema(type))]);
  const all = Object.fromEntries([...schemas, ...cards]) as Record<string, JsonSchema>;
  const references = Object.fromEntries(Object.keys(all).map((type) => [type, `#/components/schemas/${type}`]));
  return {
    ...all,
    PipelineRequest: {
      oneOf: Object.values(references).map(($ref) => ({ $ref })),
      discriminator: { propertyName: 'pipeline_type', mapping: references },
    },
    StatusRequest: toJsonSchema(
      Joi.object({
        pipeline_id: Joi.string()
          .required()
          .description('The `pipeline_id` that POST /provisionpipeline answered with.'),
      }),
    ),
  };
}
