/**
 * `/docs`: the OpenAPI document as a page to read and to try calls from. Swagger UI is served from its package, under a policy
 * that lets the page load nothing from elsewhere.
 */
import { fileURLToPath } from 'node:url';
import { HttpError } from '../http-error.ts';
import type { Route, RouteAnswer } from '../route.ts';

/** All URLs are relative, so that the page works behind a gateway that serves the API below a stage. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>API of the MLOps Workload Orchestrator</title>
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="docs/favicon-32x32.png">
  </head>
  <body>
    <noscript>This page needs JavaScript. The document that it shows is <a href="openapi.json">openapi.json</a>.</noscript>
    <main id="api"></main>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  filter: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
});
`;

const PACKAGE = import.meta.resolve('swagger-ui-dist/package.json');

/** Files of the package that the page asks for: nothing else of it is served. */
const FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

/**
 * Swagger UI draws its icons as `data:` images, and sets styles on elements.
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HTML: RouteAnswer = { description: 'The page', schema: { type: 'string' }, contentType: 'text/html' };

export function apiPageRoutes(): Route[] {
  return [
    {
      method: 'get',
      path: '/docs',
      role: 'viewer',
      operationId: 'getApiPage',
      summary: 'This API as a page to read and to try',
      answers: { 200: HTML },
      handle(_call, response) {
        response.set('Content-Security-Policy', POLICY).type('html').send(PAGE);
      },
    },
    {
      method: 'get',
      path: '/docs/:file',
      role: 'viewer',
      operationId: 'getApiPageFile',
      summary: 'A file of that page',
      params: { file: ['start.js', ...FILES].map((name) => `\`${name}\``).join(', ') },
      answers: { 200: { description: 'The file', schema: { type: 'string' }, contentType: 'text/plain' } },
      refusals: [404],
      async handle({ params: { file = '' } }, response) {
        if (file === 'start.js') return void response.type('js').send(START);
        const name = FILES.find((one) => one === file);
        if (!name) throw new HttpError('PATH_NOT_FOUND', `The page at /docs has no file "${file.slice(0, 100)}".`);
        await new Promise<void>((resolve, reject) => {
          const path = fileURLToPath(new URL(name, PACKAGE));
          response.sendFile(path, { cacheControl: false }, (error?: Error) => (error ? reject(error) : resolve()));
        });
      },
    },
  ];
}
