import Joi from 'joi';
import type { Readiness } from '../../automation/model.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { customBlueprints } from '../../blueprints/registry.ts';
import { answer } from '../answers.ts';
import type { Metrics } from '../middleware/metrics.ts';
import type { Route } from '../route.ts';

/** Probes may append any query. */
const anyQuery = Joi.object({}).unknown();

/** For load balancers and scrapers; accessible without authentication. */
export function healthRoutes(orchestrator: Orchestrator, metrics: Metrics): Route[] {
  return [
    {
      method: 'get',
      path: '/healthz',
      role: 'open',
      operationId: 'isAlive',
      summary: 'Liveness: whether the process is alive; restart it if not',
      query: anyQuery,
      answers: { 200: { description: 'Alive', schema: answer('Liveness') } },
      handle(_call, response) {
        response.json({ status: 'ok' });
      },
    },
    {
      method: 'get',
      path: '/readyz',
      role: 'open',
      operationId: 'isReady',
      summary: 'Readiness: whether the service can do its work; send it no requests if not',
      query: anyQuery,
      answers: {
        200: { description: 'Ready', schema: answer('Readiness') },
        503: { description: 'Not ready, with the failed checks', schema: answer('Readiness') },
      },
      async handle(_call, response) {
        const { ready, checks } = await orchestrator.readiness();
        response.status(ready ? 200 : 503).json({ ready, checks: { ...checks, ...customBlueprintsCheck() } });
      },
    },
    {
      method: 'get',
      path: '/metrics',
      role: 'open',
      operationId: 'getMetrics',
      summary: 'Prometheus metrics of this process',
      query: anyQuery,
      answers: { 200: { description: 'Metrics', schema: { type: 'string' }, contentType: 'text/plain' } },
      async handle({ request }, response) {
        response.type(metrics.contentType).send(await metrics.render(orchestrator, request.log));
      },
    },
  ];
}

/** A refused blueprint does not affect readiness: it is only reported. */
function customBlueprintsCheck(): Readiness['checks'] {
  const all = customBlueprints();
  if (all.length === 0) return {};
  const refused = all.filter(({ reasons }) => reasons.length > 0);
  const reports = refused.map(({ source, reasons }) => `${source}: ${reasons.join('; ')}`);
  const detail = [`${all.length - refused.length} loaded, ${refused.length} refused`, ...reports].join('. ');
  return { customBlueprints: { ok: true, detail } };
}
