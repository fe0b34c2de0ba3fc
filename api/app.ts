import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import type { Metric } from 'prom-client';
import type { Orchestrator } from '../automation/orchestrator.ts';
import type { SchemaSettings } from '../blueprints/blueprint.ts';
import type { RequestCounts } from '../automation/platform/request-counts.ts';
import type { WebhookReceiver } from '../automation/sources/inbound/webhook-receiver.ts';
import packageJson from '../package.json' with { type: 'json' };
import { CONSOLE_FOLDER } from './console/built-console.ts';
import { consoleFiles } from './console/console-files.ts';
import { errors, pathNotFound } from './middleware/errors.ts';
import { guardBy } from './middleware/access.ts';
import { browserGuard } from './middleware/browser-guard.ts';
import { identity, requireIdentity, signInIdentity } from './middleware/identity.ts';
import { Metrics } from './middleware/metrics.ts';
import { rateLimit, webhookLimits, type StoreOf } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-id.ts';
import { requestLog } from './middleware/request-log.ts';
import { SharedStore } from './middleware/shared-store.ts';
import { streamTurns } from './middleware/stream-turns.ts';
import { openApiDocument } from './openapi.ts';
import { routerOf, tagged, type JsonSchema, type Route } from './route.ts';
import { apiPageRoutes } from './routes/api-page.ts';
import { auditRoutes } from './routes/audit.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { driftRoutes } from './routes/drift.ts';
import { stackStateRoutes } from './routes/stack-state.ts';
import { eventRoutes } from './routes/events.ts';
import { executionRoutes } from './routes/executions.ts';
import { healthRoutes } from './routes/health.ts';
import { cardRoutes } from './routes/cards.ts';
import { jobRoutes } from './routes/jobs.ts';
import { operationRoutes } from './routes/operations.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { openApiRoute } from './routes/openapi.ts';
import { pipelineTypeRoutes } from './routes/pipeline-types.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { provisioningRoutes } from './routes/provisioning.ts';
import { revisionRoutes } from './routes/revisions.ts';
import { canSignOut, signOutRoute } from './routes/sign-out.ts';
import { startPageRoute } from './routes/start-page.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import type { ApiSettings } from './settings.ts';

const HEARTBEAT_SECONDS = 15;
/**
 * API Gateway limits an integration to 30 s, and forwards an event stream only when it has ended.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export const ANSWER_SECONDS = 20;
export const STREAM_SECONDS = 25;

export interface AppDependencies {
  readonly orchestrator: Orchestrator;
  readonly webhooks: WebhookReceiver;
  readonly logger: Logger;
  readonly settings: ApiSettings;
  /** Metrics of the automation, served in addition to those of HTTP. Default: none. */
  readonly metrics?: readonly Metric[];
  /** Counts requests for all processes together. Default: rate limits count in this process. */
  readonly requestCounts?: RequestCounts;
  /** `probes`: only the routes for load balancers and scrapers. Default `all`. */
  readonly routes?: 'all' | 'probes';
  /** Fetches the public keys of sign-in. Default: `fetch`. */
  readonly fetchKeys?: typeof fetch;
  /** Where the builds of the web console are. Default: where `npm run console:build` writes them. */
  readonly consoleFolder?: string;
}

/** Creates the HTTP API; `listen` starts it. */
export function createApp(dependencies: AppDependencies): Express {
  const { orchestrator, logger, settings, requestCounts, routes = 'all' } = dependencies;
  const { consoleFolder = CONSOLE_FOLDER } = dependencies;
  const storeOf: StoreOf = (name) => requestCounts && new SharedStore(name, requestCounts, logger);
  const metrics = new Metrics(dependencies.metrics);
  const app = express();
  // Responses are different every time and must not be cached.
  app.set('etag', false);
  app.set('query parser', 'simple');
  endWithNewline(app);
  app.use(streamTurns(), requestId(), requestLog(logger), metrics.observe());
  app.use(helmet(), noStore);
  // Behind a gateway it is not needed: no page knows its secret, and load balancers probe by the addresses of their targets.
  if (settings.gatewaySecret === '') app.use(browserGuard(settings.publicUrl ?? ''));
  app.use(identity(settings.gatewaySecret));
  if (settings.signIn) app.use(signInIdentity(settings.signIn, dependencies.fetchKeys ?? fetch));
  app.use(rateLimit(settings.rateLimitPerMinute, storeOf));
  const guard = guardBy({ patterns: settings.roles, groups: settings.signIn?.groups }, orchestrator);
  if (routes === 'probes') app.use(routerOf(healthRoutes(orchestrator, metrics), guard));
  else {
    app.use(
      '/console',
      ...guard({ role: 'viewer', path: '/console' }),
      consoleFiles(consoleFolder, (response) => canSignOut(settings.signIn, response)),
    );
    app.use(routerOf(routesOf(dependencies, metrics, storeOf, consoleFolder), guard));
  }
  app.use(requireIdentity(), pathNotFound(), errors(settings));
  return app;
}

function routesOf(
  { orchestrator, webhooks, settings }: Pick<AppDependencies, 'orchestrator' | 'webhooks' | 'settings'>,
  metrics: Metrics,
  storeOf: StoreOf,
  consoleFolder: string,
): Route[] {
  const isBehindGateway = settings.gatewaySecret !== '';
  const deferral = {
    orchestrator,
    answerWithinSeconds: settings.answerWithinSeconds ?? (isBehindGateway ? ANSWER_SECONDS : undefined),
  };
  const streaming = {
    heartbeatSeconds: settings.heartbeatSeconds ?? HEARTBEAT_SECONDS,
    streamSeconds: settings.streamSeconds ?? (isBehindGateway ? STREAM_SECONDS : undefined),
  };
  const routes = [
    ...tagged('Provisioning', [
      ...provisioningRoutes(orchestrator, deferral),
      ...pipelineTypeRoutes(settings),
      ...operationRoutes(orchestrator),
    ]),
    ...tagged('Pipelines', [
      ...pipelineRoutes(orchestrator, deferral),
      ...revisionRoutes(orchestrator),
      ...jobRoutes(orchestrator),
      ...cardRoutes(orchestrator),
      ...stackStateRoutes(orchestrator),
    ]),
    ...tagged('Executions', [...executionRoutes(orchestrator, streaming), ...eventRoutes(orchestrator)]),
    ...tagged('Drift', driftRoutes(orchestrator)),
    ...tagged('Configuration as data', [
      ...webhookRoutes(webhooks, webhookLimits(settings.rateLimitPerMinute, storeOf)),
      ...deliveryRoutes(orchestrator),
    ]),
    ...tagged('Records', [...notificationRoutes(orchestrator), ...auditRoutes(orchestrator)]),
    ...tagged('Service', [
      ...healthRoutes(orchestrator, metrics),
      startPageRoute(consoleFolder),
      signOutRoute(settings.signIn),
      ...apiPageRoutes(),
    ]),
  ];
  return [...routes, openApiRoute(routes, settings, packageJson.version, isBehindGateway)];
}

/** JSON is text: a shell prompt, `tail` and `wc -l` expect a newline at the end. */
function endWithNewline(app: Express): void {
  app.response.json = function (body: unknown) {
    if (!this.get('Content-Type')) this.type('json');
    return this.send(`${JSON.stringify(body)}\n`);
  };
}

const noStore: express.RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** The OpenAPI document of an app with these settings, for generators of clients: nothing is started. */
export function describeApi(schemas: SchemaSettings): JsonSchema {
  const settings: ApiSettings = {
    ...schemas,
    gatewaySecret: '',
    roles: { viewer: [], provisioner: [], approver: [], admin: [] },
    rateLimitPerMinute: 0,
    allowDetailedErrorMessage: true,
  };
  // The table of routes is read, and none of them is called.
  const unused = { orchestrator: {} as Orchestrator, webhooks: {} as WebhookReceiver };
  const routes = routesOf({ ...unused, settings }, new Metrics(), () => undefined, CONSOLE_FOLDER);
  return openApiDocument(routes, settings, packageJson.version, false);
}
