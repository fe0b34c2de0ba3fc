/**
 * `npm run bench -- lists`: what lists and metrics take with 100,000 pipelines, executions, audit entries and so on, each
 * against the same call with 100. The rows are written by SQL.
 */
import pg from 'pg';
import { startSandboxProcess } from '../sandbox-process.ts';
import { databaseUrlOf } from './sandbox-database.ts';
import { ms, quantile } from './statistics.ts';

const FEW = 100;
const MANY = 100_000;
const CALLS = 20;

/** First pages, pages from the middle, filters that match all, few and none. */
const PATHS = (middle: Middle): [name: string, path: string][] => [
  ['pipelines', '/pipelines'],
  ['pipelines, from the middle', `/pipelines?after=${middle.pipeline}`],
  ['pipelines of a status', '/pipelines?status=Failed'],
  ['pipelines of a status that none has', '/pipelines?status=Rejected'],
  ['pipelines of a type', '/pipelines?pipelineType=byom_batch_custom'],
  ['pipelines by a search without result', '/pipelines?search=nothing'],
  ['executions', '/executions'],
  ['executions, from the middle', `/executions?after=${middle.execution}`],
  ['executions of a status', '/executions?status=Failed'],
  ['executions of a status that none has', '/executions?status=Rejected'],
  ['executions of a kind that none has', '/executions?kind=rollback'],
  ['executions of a requester', '/executions?requestedBy=rare'],
  ['executions since a time', '/executions?since=2999-01-01'],
  ['executions of a pipeline', `/pipelines/${middle.pipeline}/executions`],
  ['approvals', '/approvals'],
  ['approvals of an environment', '/approvals?environment=prod'],
  ['audit', '/audit'],
  ['audit, from the middle', `/audit?after=${middle.number}`],
  ['audit of an action that none has', '/audit?action=rollback'],
  ['audit of a principal', '/audit?principal=rare'],
  ['audit since a time', '/audit?since=2999-01-01T00:00:00Z'],
  ['notifications', '/notifications'],
  ['notifications of a kind that none has', '/notifications?kind=drift'],
  ['deliveries', '/deliveries'],
  ['deliveries of a source that none has', '/deliveries?source=gitlab'],
  ['deliveries of a target', '/deliveries?target=github:acme/rare@main'],
  ['metrics', '/metrics'],
];

interface Middle {
  pipeline: string;
  execution: string;
  number: number;
}

export async function lists(home: string): Promise<void> {
  const sandbox = await startSandboxProcess({ SANDBOX_HOME: home, SANDBOX_SPEED: '0', RATE_LIMIT_PER_MINUTE: '0' });
  const database = new pg.Client({ connectionString: await databaseUrlOf(home) });
  await database.connect();
  try {
    const few = await measured(sandbox.url, await fill(database, 0, FEW));
    const many = await measured(sandbox.url, await fill(database, FEW, MANY));
    const width = Math.max(...[...few.keys()].map((name) => name.length));
    console.log(`${''.padEnd(width)}  p50 of ${FEW}  p50 of ${MANY}  p99 of ${MANY}  ratio of p50`);
    for (const [name, { p50, p99 }] of many) {
      const before = few.get(name)?.p50 ?? Number.NaN;
      const columns = [ms(before), ms(p50), ms(p99), (p50 / before).toFixed(1)];
      console.log(`${name.padEnd(width)}  ${columns.map((column) => column.padStart(10)).join('  ')}`);
    }
  } finally {
    await database.end();
    await sandbox.stop();
  }
}

async function measured(url: string, middle: Middle): Promise<Map<string, { p50: number; p99: number }>> {
  const results = new Map<string, { p50: number; p99: number }>();
  for (const [name, path] of PATHS(middle)) {
    const times: number[] = [];
    // The first call is not counted: it plans its statements.
    for (let call = 0; call <= CALLS; call++) {
      const begun = performance.now();
      const response = await fetch(url + path);
      await response.text();
      if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
      if (call > 0) times.push(performance.now() - begun);
    }
    results.set(name, { p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
  }
  return results;
}

/** Adds rows with the numbers after `from` up to `to`. @returns what is in the middle of all */
async function fill(database: pg.Client, from: number, to: number): Promise<Middle> {
  const numbers = `generate_series(${from + 1}, ${to}) n`;
  const stages = `'[{"name": "Deploy", "kind": "deploy", "environment": "main", "status": "Succeeded", "stack": "s"}]'`;
  for (const statement of [
    `INSERT INTO mlops.pipelines (id, pipeline_type, model_name, revision, created)
     SELECT 'mlops-pipeline-m' || n, CASE WHEN n % 10 = 0 THEN 'byom_batch_custom' ELSE 'byom_realtime_builtin' END,
            'm' || n, 1, now() - (${MANY} - n) * interval '1 second' FROM ${numbers}`,
    `INSERT INTO mlops.revisions (pipeline_id, number, digest, request, requested_by)
     SELECT 'mlops-pipeline-m' || n, 1, 'd' || n, '{"model_name": "m"}', 'kim' FROM ${numbers}`,
    `INSERT INTO mlops.executions (id, pipeline_id, kind, revision, status, requested_by, stages, approval, dispatched)
     SELECT gen_random_uuid(), 'mlops-pipeline-m' || n, 'provision', 1,
            CASE WHEN n % 1000 = 7 THEN 'AwaitingApproval' WHEN n % 100 = 1 THEN 'Failed' ELSE 'Succeeded' END,
            CASE WHEN n = 50 THEN 'rare' ELSE 'kim' END, ${stages},
            CASE WHEN n % 1000 = 7
                 THEN '{"environment": "staging", "expiresAt": "9999-01-01T00:00:00Z", "approvedBy": []}'::jsonb END, now()
       FROM ${numbers}`,
    `INSERT INTO mlops.audit (principal, action, pipeline_id, at)
     SELECT CASE WHEN n = 50 THEN 'rare' ELSE 'kim' END, 'provision', 'mlops-pipeline-m' || n,
            now() - (${MANY} - n) * interval '1 second' FROM ${numbers}`,
    `INSERT INTO mlops.notifications (kind, pipeline_id, subject, message, delivery, delivered)
     SELECT 'succeeded', 'mlops-pipeline-m' || n, 's', 'm', 'delivered', now() FROM ${numbers}`,
    `INSERT INTO mlops.config_deliveries (source, delivery_id, target, revision, place, status)
     SELECT 'github', n, CASE WHEN n = 50 THEN 'github:acme/rare@main' ELSE 'github:acme/models@main' END, 'c', '{}',
            'Provisioned' FROM ${numbers}`,
    `INSERT INTO mlops.drift_checks (id, pipeline_id, environment, stack, status, requested_by, dispatched)
     SELECT gen_random_uuid(), 'mlops-pipeline-m' || n, 'main', 'stack' || n, 'InSync', 'kim', now() FROM ${numbers}`,
  ]) {
    await database.query(statement);
  }
  // What autovacuum does within minutes.
  await database.query('VACUUM ANALYZE');
  const { rows } = await database.query<{ id: string; pipeline_id: string }>(
    'SELECT id, pipeline_id FROM mlops.executions ORDER BY ordinal OFFSET $1 LIMIT 1',
    [to / 2],
  );
  const [middle] = rows;
  return { pipeline: middle?.pipeline_id ?? '', execution: middle?.id ?? '', number: to / 2 };
}
