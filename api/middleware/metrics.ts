import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Gauge, Histogram, Registry, type Metric } from 'prom-client';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import { Cached, FOR_METRICS } from '../../automation/platform/cached.ts';

/**
 * The percentiles of the event loop's delay are sampled by a timer of 10 ms, which was half of what a service at rest cost. Its
 * utilization says as much and is counted by libuv anyway.
 * @see https://nodejs.org/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2
 */
const SAMPLED = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map(
  (name) => `nodejs_eventloop_lag_${name}_seconds`,
);
const NEVER_MS = 2 ** 31 - 1;

/** Prometheus metrics of one app. It has its own registry, so that two apps in one process are counted separately. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #durations: Histogram<'method' | 'route' | 'status'>;
  readonly #pipelines: Gauge<'status'>;
  readonly #utilization: Gauge;
  #loop = performance.eventLoopUtilization();
  #counts: Cached<Record<string, number>> | undefined;

  /** @param more metrics of other parts of the service, registered nowhere else; default: none */
  constructor(more: readonly Metric[] = []) {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: NEVER_MS });
    for (const name of SAMPLED) this.#registry.removeSingleMetric(name);
    this.#utilization = new Gauge({
      name: 'nodejs_eventloop_utilization_ratio',
      help: 'Share of the time since the last scrape in which the event loop was busy.',
      registers: [this.#registry],
    });
    for (const metric of more) this.#registry.registerMetric(metric);
    this.#durations = new Histogram({
      name: 'mlops_http_request_duration_seconds',
      help: 'Time from the arrival of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers: [this.#registry],
    });
    this.#pipelines = new Gauge({
      name: 'mlops_executions',
      help: 'Pipelines by the status of their latest execution.',
      labelNames: ['status'],
      registers: [this.#registry],
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Times every request. Labelled by route pattern, never by path: paths contain ids, and each would be a new series. */
  observe(): RequestHandler {
    return (request, response, next) => {
      const stop = this.#durations.startTimer();
      response.once('close', () => {
        const route = (response.locals.route as string | undefined) ?? 'unmatched';
        stop({ method: labelOf(request.method), route, status: String(response.statusCode) });
      });
      next();
    };
  }

  /**
   * All metrics as text, with a recent count of the executions. If they cannot be counted, the other metrics are still
   * returned: an outage is when they are needed.
   */
  async render(orchestrator: Orchestrator, logger: Logger): Promise<string> {
    this.#counts ??= new Cached(() => orchestrator.countPipelines(), FOR_METRICS);
    this.#pipelines.reset();
    const loop = performance.eventLoopUtilization();
    this.#utilization.set(performance.eventLoopUtilization(loop, this.#loop).utilization);
    this.#loop = loop;
    try {
      for (const [status, count] of Object.entries(await this.#counts.get())) {
        this.#pipelines.set({ status }, count);
      }
    } catch (error) {
      logger.warn({ err: error }, 'the executions could not be counted for the metrics');
    }
    return this.#registry.metrics();
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PUT', 'PATCH']);

/** Clients may send dozens of unknown methods; they are counted in one series. */
function labelOf(method: string): string {
  return METHODS.has(method) ? method : 'other';
}
