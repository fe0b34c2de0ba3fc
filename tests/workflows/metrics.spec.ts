/** What `GET /metrics` says of work, people and drift, and that the Grafana dashboard asks for nothing else. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'mocha';
import type { GuideProvisionAnswer } from '../../api/guide-answers.ts';
import { realtime } from '../support/realtime.ts';
import type { SimulatedService } from './simulated-service.ts';
import { startSimulatedService } from './simulated-service.ts';

const DASHBOARD = new URL('../../dashboards/grafana/mlops-workload-orchestrator.json', import.meta.url);

interface Panel {
  title: string;
  description: string;
  targets: { expr: string }[];
  gridPos: { x: number; y: number; w: number; h: number };
}

describe('metrics of a working service', function () {
  this.timeout(60_000);
  let service: SimulatedService;
  /** While the execution waits for approval, and after it was cancelled. */
  let text: string;
  let afterwards: string;

  before(async () => {
    service = await startSimulatedService();
    const request = await realtime('measured');
    const { body } = await service.call<GuideProvisionAnswer>('kim', 'POST', '/provisionpipeline', request);
    const executionId = String(body.execution_id);
    assert.equal((await service.settled(executionId)).status, 'AwaitingApproval');
    await service.database.query(
      `INSERT INTO mlops.drift_checks (id, pipeline_id, environment, stack, status, requested_by)
       SELECT gen_random_uuid(), p.id, 'main', stack, status, 'kim'
         FROM (SELECT id FROM mlops.pipelines LIMIT 1) p,
              (VALUES (1, 's1', 'Drifted'), (2, 's1', 'InSync'), (3, 's2', 'InSync'), (4, 's2', 'Drifted'),
                      (5, 's3', 'Drifted'), (6, 's3', 'Failed')) checks (n, stack, status)
        ORDER BY n`,
    );
    text = await scrape();
    await service.call('kim', 'POST', `/executions/${executionId}/cancel`);
    assert.equal((await service.settled(executionId)).status, 'Cancelled');
    afterwards = await scrape();
  });

  after(async () => await service.stop());

  const scrape = async () => await (await fetch(`${service.url}/metrics`)).text();

  const value = (series: string, within = text): number => {
    const line = within.split('\n').find((one) => one.startsWith(`${series} `));
    assert.ok(line, `${series}\n${within}`);
    return Number(line.slice(series.length));
  };

  it('counts executions by result, and times their stages', () => {
    assert.ok(!/^mlops_executions_finished_total\{/m.test(text), 'none has ended yet');
    assert.equal(value('mlops_executions_finished_total{kind="provision",status="Cancelled"}', afterwards), 1);
    const deploys = 'mlops_stage_duration_seconds_count{kind="deploy",environment="dev",status="Succeeded"}';
    assert.equal(value(deploys), 1);
    assert.ok(value(deploys.replace('_count', '_sum')) < 60);
  });

  it('counts what waits: for a worker none, for people one', () => {
    for (const name of ['executions_queued', 'queue_age_seconds', 'executions_stuck']) {
      assert.equal(value(`mlops_${name}`), 0, name);
    }
    assert.equal(value('mlops_approvals_pending'), 1);
    assert.ok(value('mlops_approval_age_seconds') < 60);
  });

  it('counts stacks by their latest finished check', () => {
    assert.equal(value('mlops_stacks_drifted'), 2);
  });

  it('have names that Grafana’s dashboard knows, and it knows no others', async () => {
    const { panels } = JSON.parse(await readFile(DASHBOARD, 'utf8')) as { panels: Panel[] };
    const queried = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/mlops_\w+/g) ?? []));
    const described = [...text.matchAll(/^# TYPE (mlops_\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    );
    assert.ok(queried.length >= 15);
    assert.deepEqual(
      [...new Set(queried)].filter((name) => !described.includes(name)),
      [],
    );
  });

  it('has panels that do not overlap, with descriptions', async () => {
    const { panels } = JSON.parse(await readFile(DASHBOARD, 'utf8')) as { panels: Panel[] };
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)}/${y + Math.floor(index / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length, 'no panel covers another');
    for (const { title, description } of panels) assert.ok(description.length > title.length, title);
  });
});
