/** Responses that a sandbox does not produce: broken streams, slow previews, gateways, models. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { jobsOf } from '../support/fake-answers.ts';
import type { Run } from './mlops-process.ts';
import { mlops } from './mlops-process.ts';

const ID = '3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11';
const EXECUTION = { executionId: ID, pipelineId: 'p', status: 'Succeeded', stages: [] };

type Handler = (request: IncomingMessage, response: ServerResponse, url: string) => void | Promise<void>;

/** Runs `mlops` against a service that answers as `handler` does. */
async function against(
  handler: Handler,
  args: readonly string[],
  stdin = '',
  interrupt?: Promise<unknown>,
): Promise<Run> {
  const server = createServer((request, response) => void handler(request, response, url)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await mlops(args, { MLOPS_URL: url }, stdin, interrupt);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const json = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

describe('mlops', () => {
  it('resumes a broken stream after the last event received', async () => {
    const resumedAfter: unknown[] = [];
    const event = (sequence: number, type: string) =>
      `id: ${sequence}\nevent: ${type}\ndata: ${JSON.stringify({ sequence, at: '2026-01-01', type, data: {} })}\n\n`;
    const { code, stderr } = await against(
      (request, response) => {
        if (!request.url?.endsWith('/events')) return void json(response, 200, EXECUTION);
        resumedAfter.push(request.headers['last-event-id']);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        if (resumedAfter.length > 1)
          return void response.end(`${event(2, 'execution.succeeded')}event: end\ndata: {}\n\n`);
        response.write(event(1, 'execution.queued'), () => response.destroy());
      },
      ['watch', ID],
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual(resumedAfter, ['0', '1']);
    assert.match(stderr, /execution\.queued[\s\S]*broke off[\s\S]*execution\.succeeded/);
  });

  it('reports at Ctrl-C that the execution continues', async () => {
    const watching = Promise.withResolvers<undefined>();
    const { code, stderr } = await against(
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': heartbeat\n\n', () => watching.resolve(undefined));
      },
      ['watch', ID],
      '',
      watching.promise,
    );
    assert.equal(code, 130);
    assert.equal(stderr, `The execution continues: mlops watch ${ID}\n`);
  });

  it('waits for a preview that became an operation, and says why it failed', async () => {
    for (const [operation, expected, pattern] of [
      [
        { status: 'Succeeded', result: { message: 'preview only', pipelineId: 'p', environments: [] } },
        0,
        /preview only/,
      ],
      [
        { status: 'Failed', error: { code: 'OPERATION_FAILED', message: 'Access denied.' } },
        1,
        /Access denied\. \(OPERATION_FAILED\)/,
      ],
    ] as const) {
      let polls = 0;
      const { code, stdout, stderr } = await against(
        (request, response) => {
          const later = { 'retry-after': '0' };
          const running = { operationId: 'o', kind: 'preview', status: 'InProgress' };
          if (request.method === 'POST') return void json(response, 202, running, later);
          json(response, 200, ++polls < 3 ? running : { ...running, ...operation }, later);
        },
        ['preview', 'p'],
      );
      assert.equal(code, expected, stderr);
      assert.match(stdout + stderr, pattern);
      assert.equal(polls, 3);
    }
  });

  it('sends a payload to the inference URL of the environment that was chosen', async () => {
    let received: unknown;
    const handler: Handler = async (request, response, url) => {
      if (request.method === 'GET') {
        const environments = ['dev', 'prod'].map((environment) => ({
          environment,
          outputs: { inferenceUrl: `${url}/${environment}` },
        }));
        return void json(response, 200, { pipelineId: 'p', environments });
      }
      received = [request.url, JSON.parse(await text(request))];
      response.end('0.7\n');
    };
    const { code, stdout, stderr } = await against(handler, ['invoke', 'p', '-f', '-', '--env', 'prod'], '1,2,3\n');
    assert.equal(code, 0, stderr);
    assert.deepEqual(received, ['/prod', { payload: '1,2,3\n', content_type: 'text/csv' }]);
    assert.equal(stdout.trim(), '0.7');
    const both = await against(handler, ['invoke', 'p', '-f', '-'], '1');
    assert.equal(both.code, 2);
    assert.match(both.stderr, /in dev, prod: choose one with --env/);
    const none = await against(handler, ['invoke', 'p', '-f', '-', '--env', 'staging'], '1');
    assert.match(none.stderr, /no output inferenceUrl in staging/);
  });

  it('shows jobs with what they found, how to go on, and where there was no answer', async () => {
    const asked: (string | undefined)[] = [];
    const { code, stdout, stderr } = await against(
      (request, response) => {
        asked.push(request.url);
        json(response, 200, jobsOf('p'));
      },
      ['jobs', 'p', '--env', 'dev', '--kind', 'monitoring', '--limit', '5'],
    );
    assert.equal(code, 1);
    assert.deepEqual(asked, ['/pipelines/p/jobs?environment=dev&kind=monitoring&limit=5']);
    assert.match(
      stdout,
      /^dev\n {2}JOB .*\n {2}model-monitoring-1 +monitoring +CompletedWithViolations .* validation:auc=0\.9\n/,
    );
    assert.match(
      stdout,
      /\n {4}violations +1: s3:\/\/assets\/constraint_violations\.json\n {6}age {2}data_type_check {2}No number\.\n/,
    );
    assert.match(stdout, /\nstaging: The role may not be assumed\. \(AccessDenied\)\n$/);
    assert.match(stderr, /older jobs in dev: --env dev --after 2026-/);
    const none = await against((_request, response) => void json(response, 200, { environments: [] }), ['jobs', 'p']);
    assert.deepEqual([none.code, none.stdout], [0, 'A pipeline of this type runs no jobs.\n']);
  });

  it('explains a rejection by the gateway, whose body differs from that of the service', async () => {
    const { code, stderr } = await against(
      (_request, response) => void json(response, 403, { message: 'Forbidden' }),
      ['list'],
    );
    assert.equal(code, 5);
    assert.match(stderr, /Forbidden \(HTTP 403\)[\s\S]*--profile and --region/);
    const broken = await against((_request, response) => void response.writeHead(502).end('<html>'), ['list']);
    assert.equal(broken.code, 6);
    assert.match(broken.stderr, /HTTP 502/);
  });

  it('says what was started before a request of a list was refused', async () => {
    let calls = 0;
    const { code, stderr } = await against(
      (_request, response) => {
        if (++calls === 1) return void json(response, 202, { message: 'started', pipeline_id: 'p', execution_id: 'e' });
        json(response, 409, { detailedMessage: 'It is protected.' }, { 'x-error-code': 'PIPELINE_PROTECTED' });
      },
      ['provision', '-f', '-'],
      '[{"pipeline_type": "a"}, {"pipeline_type": "b"}, {"pipeline_type": "c"}]',
    );
    assert.equal(code, 5);
    assert.equal(calls, 2);
    assert.match(stderr, /^started {2}p {2}e\nerror: It is protected\. \(PIPELINE_PROTECTED, HTTP 409\)\n$/);
  });

  it('reads list pages as far as --limit, and says that there are more', async () => {
    const asked: (string | undefined)[] = [];
    const { stdout, stderr } = await against(
      (request, response) => {
        asked.push(request.url);
        json(response, 200, [{ pipelineId: 'a' }, { pipelineId: 'b' }], {
          link: '</pipelines?limit=3&after=b>; rel="next"',
        });
      },
      ['list', '--limit', '3', '-o', 'yaml'],
    );
    assert.deepEqual(asked, ['/pipelines?limit=3', '/pipelines?limit=3&after=b']);
    assert.equal(stdout, '- pipelineId: a\n- pipelineId: b\n- pipelineId: a\n');
    assert.match(stderr, /more than these 3/);
  });

  it('completes commands and flags in bash', async () => {
    const { stdout } = await mlops(['completion', 'bash']);
    const script = `${stdout}\nCOMP_WORDS=(mlops approve --ch); COMP_CWORD=2; _mlops; echo "\${COMPREPLY[@]}"
COMP_WORDS=(mlops app); COMP_CWORD=1; _mlops; echo "\${COMPREPLY[@]}"`;
    const { stdout: completed } = await bash(script);
    assert.equal(completed, '--change\napprovals apply approve\n');
  });
});

const bash = async (script: string) => await promisify(execFile)('bash', ['-c', script]);
