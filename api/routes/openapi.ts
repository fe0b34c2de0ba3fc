import type { SchemaSettings } from '../../blueprints/blueprint.ts';
import { openApiDocument } from '../openapi.ts';
import type { Route } from '../route.ts';

/**
 * The route that describes all routes, itself included.
 * @param others all other routes
 * @param isSigned whether callers sign their requests, for the gateway
 */
export function openApiRoute(
  others: readonly Route[],
  settings: SchemaSettings,
  version: string,
  isSigned: boolean,
): Route {
  let document: string | undefined;
  const route: Route = {
    method: 'get',
    path: '/openapi.json',
    role: 'viewer',
    operationId: 'getOpenApi',
    tag: 'Service',
    summary: 'This API as an OpenAPI 3.1 document',
    answers: { 200: { description: 'The document', schema: { type: 'object' } } },
    handle(_call, response) {
      // Generated on the first call: it would delay the start. Kept as text, because it has 300 KB.
      document ??= JSON.stringify(openApiDocument([...others, route], settings, version, isSigned));
      response.type('json').send(`${document}\n`);
    },
  };
  return route;
}
