/**
 * Random requests to every route of the running service, with a real database and simulated stacks: whatever is sent is
 * answered with a status that the OpenAPI document declares, and never with a fault of the service. A few hundred requests
 * with a fixed seed; `FUZZ_REQUESTS=50000` for more, which measures memory too.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { GATEWAY_SECRET } from '../../workflows/callers.ts';
import type { SimulatedService } from '../../workflows/simulated-service.ts';
import { startSimulatedService } from '../../workflows/simulated-service.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Document, FuzzedRequest, Known } from './requests.ts';
import { REPOSITORY, WEBHOOK_SECRET, anyRequest } from './requests.ts';

const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 300);
const SEED = Number(process.env.TEST_SEED ?? 1);
/** Fewer than one caller may have previews in progress, so that no request is refused because of the others. */
const AT_ONCE = 8;
const BATCH = 400;
/** More of an answer is not read: the client disconnects in the middle. */
const READ_BYTES = 200_000;
/** What an answer may take, with seven others on the way. */
const DEADLINE_MS = 30_000;
/** For the time limit: measured at 25 to 40 ms a request on two cores that have other work. */
const REQUEST_MS = 100;
/** Kept by libraries for what was seen for the first time; a leak of a kilobyte a request would be far more. */
const GROWTH_BYTES = 40_000_000;
/** Refusals by the HTTP layer before a route is found: those of every path. */
const ANYWHERE = new Set(['400', '401', '404', '405', '413', '415', '431']);

interface Answered {
  status: number;
  type: string;
  body: string;
  isComplete: boolean;
}

describe('any request', function () {
  this.timeout(Math.max(120_000, REQUESTS * REQUEST_MS));
  let service: SimulatedService;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let document: Document;
  let known: Known;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });

  before(async () => {
    folder = await temporaryFolder();
    service = await startSimulatedService({
      SANDBOX_HOME: folder.path,
      PULUMI_BACKEND_URL: pathToFileURL(folder.path).href,
      GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
      GITLAB_WEBHOOK_SECRET: WEBHOOK_SECRET,
      BITBUCKET_WEBHOOK_SECRET: WEBHOOK_SECRET,
      GITHUB_API_URL: 'https://127.0.0.1:1',
      GITLAB_API_URL: 'https://127.0.0.1:1',
      BITBUCKET_API_URL: 'https://127.0.0.1:1',
      CONFIG_REPOSITORIES: ['github', 'gitlab', 'bitbucket'].map((name) => `${name}:${REPOSITORY}@main`).join(','),
    });
    document = (await service.call<Document>('kim', 'GET', '/openapi.json')).body as Document;
    known = await provisioned(service);
  });

  after(async () => {
    agent.destroy();
    await service.stop();
    await folder.remove();
  });

  it(`of ${REQUESTS} is answered, with nothing undeclared and no fault of the service`, async () => {
    const faults = new Map<string, string>();
    const statuses = new Map<number, number>();
    const routes = new Set<string>();
    const start = { heap: heapInUse(), resident: process.memoryUsage.rss() };
    let settled = 0;
    for (let sent = 0; sent < REQUESTS; sent += BATCH) {
      const numRuns = Math.min(BATCH, REQUESTS - sent);
      const batch = fc.sample(anyRequest(document, known), { seed: SEED + sent, numRuns });
      for (let first = 0; first < batch.length; first += AT_ONCE) {
        await Promise.all(
          batch.slice(first, first + AT_ONCE).map(async (one) => {
            const answer = await send(one, new URL(service.url), agent);
            routes.add(one.route);
            statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
            const fault = faultOf(one, answer);
            if (fault) faults.set(`${one.route}: ${fault}`, summaryOf(one, answer));
          }),
        );
      }
      // Metrics, statements and routes have been seen once by then.
      if (settled === 0 && sent >= REQUESTS / 5) settled = heapInUse();
    }
    assert.deepEqual(Object.fromEntries(faults), {});
    assert.ok(routes.size > 25, `only ${routes.size} routes`);
    assert.ok((statuses.get(200) ?? 0) > REQUESTS / 10, 'many requests are right');
    if (REQUESTS >= 10_000) {
      const grown = heapInUse() - settled;
      console.log(
        `      ${[...statuses]
          .toSorted(([a], [b]) => a - b)
          .map(([status, count]) => `${status}: ${count}`)
          .join(', ')}`,
      );
      console.log(
        `      heap ${mb(start.heap)} at the start, ${mb(settled)} after a fifth of the requests, ${mb(settled + grown)} after all; ` +
          `resident ${mb(start.resident)} at the start, ${mb(process.memoryUsage.rss())} after all`,
      );
      assert.ok(grown < GROWTH_BYTES, `the heap grew by ${mb(grown)}`);
    }
  });

  it('that ends with texts which PostgreSQL cannot store is recorded all the same', async () => {
    const odd = 'AWS said \0 and \ud800.';
    const { stacks } = service;
    stacks.run = async () => ({ ok: false, summary: {}, error: { code: 'OPERATION_FAILED', message: odd, hint: odd } });
    const { body: type } = await service.call<{ example: object }>(
      'kim',
      'GET',
      '/pipeline-types/byom_realtime_builtin',
    );
    const { body } = await service.call<Record<string, string>>('kim', 'POST', '/provisionpipeline', {
      ...type.example,
      model_name: 'odd-texts',
    });
    const execution = await service.settled(body.execution_id ?? '');
    assert.equal(execution.status, 'Failed');
    const failed = execution.stages.find(({ status }) => status === 'Failed');
    assert.equal(failed?.error?.message, 'AWS said \ufffd and \ufffd.');
  });

  it('leaves a service that works', async () => {
    const { status, body } = await service.call('kim', 'GET', '/readyz');
    assert.deepEqual([status, body.ready], [200, true]);
  });
});

/** A pipeline that waits for approval, and one that is being destroyed. */
async function provisioned(service: SimulatedService): Promise<Known> {
  const [pipelines, executions]: [string[], string[]] = [[], []];
  const { body: type } = await service.call<{ example: object }>('kim', 'GET', '/pipeline-types/byom_realtime_builtin');
  for (const model of ['fuzz-a', 'fuzz-e']) {
    const { body } = await service.call<Record<string, string>>('kim', 'POST', '/provisionpipeline', {
      ...type.example,
      model_name: model,
    });
    const { pipeline_id: pipelineId = '', execution_id: executionId = '' } = body;
    await service.settled(executionId);
    pipelines.push(pipelineId);
    executions.push(executionId);
  }
  return { pipelines, executions };
}

async function send({ method, target, headers, body }: FuzzedRequest, url: URL, agent: Agent): Promise<Answered> {
  return await new Promise((resolve, reject) => {
    const sent = request({
      agent,
      host: url.hostname,
      port: url.port,
      method,
      path: target,
      headers: {
        'x-mlops-caller': 'kim',
        'x-mlops-gateway-secret': GATEWAY_SECRET,
        ...headers,
        ...(body ? { 'content-length': body.length } : {}),
      },
      timeout: DEADLINE_MS,
    });
    sent.once('timeout', () => sent.destroy(new Error(`${method} ${target.slice(0, 200)} was not answered in time`)));
    sent.once('error', reject);
    sent.once('response', (response) => {
      const chunks: Buffer[] = [];
      const type = response.headers['content-type'] ?? '';
      const answered = (isComplete: boolean) => {
        resolve({ status: response.statusCode ?? 0, type, body: Buffer.concat(chunks).toString(), isComplete });
        if (!isComplete) response.destroy();
      };
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        // An event stream is open for as long as its execution.
        if (size > READ_BYTES || type.startsWith('text/event-stream')) answered(false);
      });
      response.once('end', () => answered(true));
      response.on('error', () => undefined);
    });
    sent.end(body);
  });
}

/** @returns what is wrong with an answer */
function faultOf({ declared }: FuzzedRequest, { status, type, body, isComplete }: Answered): string | undefined {
  if (status >= 500) return String(status);
  if (!declared.includes(String(status)) && !ANYWHERE.has(String(status))) return `undeclared status ${status}`;
  if (body.includes(GATEWAY_SECRET) || body.includes(WEBHOOK_SECRET)) return 'a secret was answered';
  if (!isComplete || !type.startsWith('application/json')) return undefined;
  const parsed = JSON.parse(body) as { message?: unknown; requestId?: unknown };
  const isError = typeof parsed.message === 'string' && typeof parsed.requestId === 'string';
  return status >= 400 && !isError ? `no error body: ${body.slice(0, 100)}` : undefined;
}

function summaryOf({ method, target, headers, body }: FuzzedRequest, { status }: Answered): string {
  return `${method} ${target.slice(0, 300)} ${JSON.stringify(headers)} ${body?.toString().slice(0, 500) ?? ''} -> ${status}`;
}

/** After a collection of what is no longer used. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function mb(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(0)} MB`;
}
