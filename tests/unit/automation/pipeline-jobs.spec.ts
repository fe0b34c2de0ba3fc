/** The jobs of a pipeline over its environments: what is asked of each, and what of the answers is shown. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Cloud } from '../../../automation/aws/cloud.ts';
import type { Job, JobPage, JobQuery } from '../../../automation/aws/job-calls.ts';
import type { Environment, EnvironmentName } from '../../../automation/config/environments.ts';
import { OrchestratorError } from '../../../automation/errors.ts';
import type { Pipeline } from '../../../automation/model.ts';
import type { JobsFilter } from '../../../automation/pipelines/jobs.ts';
import { Jobs } from '../../../automation/pipelines/jobs.ts';
import { dataQualityMonitor } from '../../../blueprints/model-monitor/index.ts';

const ID = 'mlops-pipeline-churn-byomdataqualitymonitor';
const job = (kind: Job['kind'], minute: number): Job => ({
  kind,
  name: `${kind}-${minute}`,
  status: 'Completed',
  created: new Date(Date.UTC(2026, 0, 2, 3, minute)).toISOString(),
  metrics: [],
});

describe('the jobs of a pipeline', () => {
  const asked: { environment: EnvironmentName; query: JobQuery }[] = [];

  async function jobs(
    cloud: Cloud['jobs'],
    filter: Partial<JobsFilter> = {},
    request: Record<string, unknown> = { ...dataQualityMonitor.example, endpoint_name: 'churn' },
    pipelineType = 'byom_data_quality_monitor',
  ) {
    asked.length = 0;
    const parts = new Jobs({
      pipelines: { get: async () => ({ pipelineId: ID, pipelineType, request }) as unknown as Pipeline },
      environmentsOf: async () => ['dev', 'staging', 'prod'],
      environment: (name) => {
        if (name === 'prod') throw new OrchestratorError('ENVIRONMENT_NOT_CONFIGURED', 'prod is gone');
        return { name } as Environment;
      },
      cloud: {
        jobs: async (environment, query, signal) => {
          asked.push({ environment: environment.name, query });
          return await cloud(environment, query, signal);
        },
      },
      patienceMs: 50,
    });
    return await parts.jobs(ID, { limit: 2, ...filter });
  }

  it('are asked for by environment and kind, and merged newest first', async () => {
    const page = (query: JobQuery): JobPage =>
      query.kind === 'baseline'
        ? { jobs: [job('baseline', 30), job('baseline', 1)] }
        : { jobs: [job('monitoring', 40), job('monitoring', 20)], next: job('monitoring', 20).created };
    const { environments } = await jobs(async ({ name }, query) => {
      if (name === 'staging') throw Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
      return page(query);
    });
    assert.deepEqual(environments, [
      {
        environment: 'dev',
        jobs: [job('monitoring', 40), job('baseline', 30)],
        next: job('baseline', 30).created,
      },
      {
        environment: 'staging',
        jobs: [],
        error: { code: 'AccessDeniedException', message: 'not authorized' },
      },
      { environment: 'prod', jobs: [], error: { code: 'ENVIRONMENT_NOT_CONFIGURED', message: 'prod is gone' } },
    ]);
    assert.deepEqual(
      asked.filter(({ environment }) => environment === 'dev').map(({ query }) => [query.kind, query.names]),
      [
        ['baseline', ['churn-dataquality-*']],
        ['monitoring', [asked.find(({ query }) => query.kind === 'monitoring')?.query.names[0]]],
      ],
    );
    assert.match(String(asked[1]?.query.names[0]), /^churn-dataquality-[0-9a-f]{12}$/);
  });

  it('of one kind wait where another kind was not looked at so far back', async () => {
    const until = job('monitoring', 20).created;
    const { environments } = await jobs(
      async (_environment, { kind }) =>
        kind === 'baseline' ? { jobs: [job('baseline', 1)] } : { jobs: [job('monitoring', 20)], next: until },
      { environment: 'dev' },
    );
    assert.deepEqual(environments, [{ environment: 'dev', jobs: [job('monitoring', 20)], next: until }]);
  });

  it('are continued in one environment, of one kind', async () => {
    const { environments } = await jobs(async () => ({ jobs: [] }), {
      environment: 'dev',
      kind: 'monitoring',
      after: '2026-01-02T03:04:05.000Z',
    });
    assert.deepEqual(environments, [{ environment: 'dev', jobs: [] }]);
    assert.deepEqual(
      asked.map(({ query }) => [query.kind, query.before, query.limit]),
      [['monitoring', '2026-01-02T03:04:05.000Z', 2]],
    );
  });

  it('are not waited for longer than a caller can wait', async () => {
    const { environments } = await jobs(
      (_environment, _query, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
        ),
      { environment: 'dev' },
    );
    assert.equal(environments[0]?.error?.code, 'TIMED_OUT');
  });

  it('are none for a type that runs none', async () => {
    assert.deepEqual(await jobs(async () => assert.fail(), {}, {}, 'byom_realtime_builtin'), {
      pipelineId: ID,
      environments: [],
    });
    assert.deepEqual(asked, []);
  });
});
