import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Express } from 'express';
import type { Description } from 'joi';
import request from 'supertest';
import { ANSWERS } from '../../api/answers.ts';
import { MODEL_CARD_TYPES } from '../../blueprints/model-cards/schema.ts';
import { PIPELINE_TYPES } from '../../blueprints/blueprint.ts';
import { testApi } from '../support/api.ts';

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { required: boolean };
  responses: Record<string, { description?: string }>;
}

interface Document {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>> };
}

/** As much of an Express router as is needed to see what it answers. */
interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

async function documentOf(app: Express): Promise<Document> {
  return (await request(app).get('/openapi.json').expect(200)).body;
}

/** `METHOD /path/{parameter}` of every route registered with Express. */
function answered(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (!route) return answered(handle.stack ?? []);
    return Object.keys(route.methods)
      .filter((method) => method !== '_all')
      .map((method) => `${method.toUpperCase()} ${route.path.replace(/:(\w+)/g, '{$1}')}`);
  });
}

function described({ paths }: Document): string[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

function operationsOf({ paths }: Document): [string, Operation][] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.values(operations).map((operation): [string, Operation] => [path, operation]),
  );
}

/** Every `$ref` anywhere in the value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

/** The keys of an object schema, and of the objects in it. */
function keysOf(schema: Description): string[] {
  const own = Object.entries((schema.keys ?? {}) as Record<string, Description>).flatMap(([key, inner]) => [
    key,
    ...keysOf(inner),
  ]);
  return [...own, ...(schema.items ?? []).flatMap(keysOf)];
}

describe('OpenAPI document', () => {
  it('describes every route of the app, and no other', async () => {
    const { app } = testApi();
    const routes = answered(app.router.stack as unknown as Layer[]);
    assert.ok(routes.length >= 17, `found only ${routes.length} routes`);
    assert.deepEqual(described(await documentOf(app)).sort(), routes.sort());
  });

  it('names the keys of answers in camelCase, but for those of the guide', () => {
    for (const [name, schema] of Object.entries(ANSWERS)) {
      const snake = keysOf(schema.describe()).filter((key) => !/^[a-z][A-Za-z0-9]*$/.test(key));
      if (/^Guide|^ModelCardAnswer$/.test(name)) assert.ok(snake.length > 0, `${name} is not one of the guide's`);
      else assert.deepEqual(snake, [], name);
    }
  });

  it('is complete in docs/http-api.md too, which has every path', async () => {
    const text = readFileSync(new URL('../../docs/http-api.md', import.meta.url), 'utf8');
    const names = text
      .replaceAll('$PIPELINE', '{id}')
      .replaceAll('$EXECUTION', '{id}')
      .replaceAll('$OPERATION', '{id}')
      .replaceAll('$DELIVERY', '{id}')
      .replaceAll('$NOTIFICATION', '{id}');
    for (const path of Object.keys((await documentOf(testApi().app)).paths)) {
      const example = path
        .replace('{type}', 'byom_realtime_builtin')
        .replace('{environment}', 'staging')
        .replace('{revision}', '1');
      const pattern = example.replace(/[{}]/g, '\\$&');
      assert.match(names, new RegExp(`\\$API${pattern}(?![\\w/-])`), path);
    }
  });

  it('is OpenAPI 3.1 with the version of the service and a name for each call', async () => {
    const document = await documentOf(testApi().app);
    assert.match(document.openapi, /^3\.1\.\d$/);
    assert.match(document.info.version, /^\d+\.\d+\.\d+/);
    const names = operationsOf(document).map(([, operation]) => operation.operationId);
    assert.equal(new Set(names).size, names.length);
  });

  it('declares every parameter of each path, and only those', async () => {
    for (const [path, { parameters }] of operationsOf(await documentOf(testApi().app))) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = parameters.filter((parameter) => parameter.in === 'path');
      assert.deepEqual(
        declared.map((parameter) => parameter.name),
        inPath,
      );
      assert.ok(declared.every((parameter) => parameter.required));
    }
  });

  it('names the query parameters of the calls that take some', async () => {
    const document = await documentOf(testApi().app);
    const queryOf = (path: string, method: string) =>
      document.paths[path]![method]!.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
    assert.deepEqual(queryOf('/provisionpipeline', 'post'), ['validate_only', 'preview']);
    assert.deepEqual(queryOf('/executions/{id}/events', 'get'), ['last_event_id']);
    assert.deepEqual(queryOf('/pipelines', 'get'), ['status', 'pipelineType', 'search', 'include', 'limit', 'after']);
  });

  it('describes every answer with words', async () => {
    for (const [path, { responses, requestBody }] of operationsOf(await documentOf(testApi().app))) {
      for (const [status, { description }] of Object.entries(responses)) {
        assert.ok(description, `${path} ${status}`);
      }
      assert.equal('413' in responses && '415' in responses, requestBody !== undefined, path);
    }
  });

  it('has the request schema of every pipeline type, and no reference that leads nowhere', async () => {
    const document = await documentOf(testApi().app);
    const { schemas } = document.components;
    for (const name of [...PIPELINE_TYPES, ...Object.keys(ANSWERS)]) assert.equal(schemas[name]?.type, 'object', name);
    assert.equal(
      (schemas.PipelineRequest as { oneOf: unknown[] }).oneOf.length,
      PIPELINE_TYPES.length + MODEL_CARD_TYPES.length,
    );
    const targets = references(document);
    assert.ok(targets.length > PIPELINE_TYPES.length);
    for (const target of targets) assert.ok(schemas[target.replace('#/components/schemas/', '')], target);
  });

  it('lets answers grow: no answer forbids keys that come later', async () => {
    const { schemas } = (await documentOf(testApi().app)).components;
    for (const name of Object.keys(ANSWERS)) {
      assert.ok(!JSON.stringify(schemas[name]).includes('"additionalProperties":false'), name);
    }
  });
});
