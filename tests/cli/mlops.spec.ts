/** The life cycle of a pipeline through `mlops`: against a sandbox with three environments. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Execution, Pipeline, PipelineOutputs, PipelineSummary } from '../../automation/model.ts';
import type { CardExport, PipelineCard } from '../../automation/model-cards/pipeline-cards.ts';
import type { RevisionDifference } from '../../automation/pipelines/revisions.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Promotion } from '../workflows/support.ts';
import { stagedRealtime, startPromotion } from '../workflows/support.ts';
import type { Run } from './mlops-process.ts';
import { mlopsHere } from './mlops-here.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

describe('mlops with a service', function () {
  this.timeout(120_000);
  let promotion: Promotion;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let request: Record<string, unknown>;
  let file: string;
  let pipelineId: string;
  /** Waits for approval of staging. */
  let waiting: Execution;

  const run = (...args: string[]): Promise<Run> => mlopsHere(args, promotion.sandbox.url);
  /** What it printed as JSON, after the exit code that is expected. */
  async function json<T>(code: number, ...args: string[]): Promise<T> {
    const { code: ended, stdout, stderr } = await run(...args, '-o', 'json');
    assert.equal(ended, code, stderr);
    return JSON.parse(stdout) as T;
  }
  async function fileOf(name: string, content: string): Promise<string> {
    const path = join(folder.path, name);
    await writeFile(path, content);
    return path;
  }

  before(async () => {
    promotion = await startPromotion();
    folder = await temporaryFolder();
    request = await stagedRealtime('by-hand');
    file = await fileOf('request.json', JSON.stringify(request));
  });

  after(async () => {
    await promotion.stop();
    await folder.remove();
  });

  it('validates a file, in YAML too, and says which pipeline it would be', async () => {
    const yaml = await fileOf('request.yaml', stringify(request));
    for (const path of [file, yaml]) {
      const { code, stdout, stderr } = await run('validate', '-f', path);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^valid {2}byom_realtime_builtin {2}mlops-pipeline-by-hand-byompipelinerealtimebuiltin\n/);
    }
  });

  it('names every field of an invalid request, and prints no value that was sent', async () => {
    const bad = { ...request, model_framework: 'hunter2', inference_instanse: 'hunter2', model_name: 7 };
    const { code, stdout, stderr } = await mlopsHere(
      ['validate', '-f', '-'],
      promotion.sandbox.url,
      JSON.stringify(bad),
    );
    assert.deepEqual([code, stdout], [2, '']);
    for (const field of ['/model_framework:', '/inference_instanse:', '/model_name:'])
      assert.ok(stderr.includes(field), stderr);
    assert.match(stderr, /did you mean/i);
    assert.match(stderr, /REQUEST_INVALID, HTTP 400/);
    assert.doesNotMatch(stderr, /hunter2/);
  });

  it('names a file that it cannot use, and the problem', async () => {
    const broken = await fileOf('broken.json', '{"pipeline_type": "hunter2", ');
    for (const [path, problem] of [
      [join(folder.path, 'none.json'), /--file .*none\.json cannot be read/],
      [broken, /broken\.json is neither JSON nor YAML/],
      [await fileOf('empty.json', '[]'), /empty\.json contains no request/],
    ] as const) {
      const { code, stderr } = await run('provision', '-f', path);
      assert.equal(code, 2);
      assert.match(stderr, problem);
      assert.doesNotMatch(stderr, /hunter2/);
    }
  });

  it('previews a file without storing anything', async () => {
    const { code, stdout, stderr } = await run('preview', '-f', file);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\ndev {2}byom-realtime-builtin\/\S+\.dev: \d+ create\n/);
    assert.match(stdout, /\n {2}\+ aws:sagemaker\/model:Model /);
    assert.deepEqual(await json(0, 'list'), []);
  });

  it('provisions and watches: progress on standard error, exit code 3 while approval is pending', async () => {
    const { code, stdout, stderr } = await run('provision', '-f', file, '--watch', '-o', 'json', '--caller', 'kim');
    assert.equal(code, 3, stderr);
    waiting = JSON.parse(stdout) as Execution;
    ({ pipelineId } = waiting);
    assert.deepEqual(
      [waiting.status, waiting.approval?.environment, waiting.requestedBy],
      ['AwaitingApproval', 'staging', 'kim'],
    );
    assert.match(stderr, / {2}DeployDev {2}resource\.created {2}/);
  });

  it('lists pipelines, executions and approvals', async () => {
    const listed = await json<PipelineSummary[]>(0, 'list', '--search', 'BY-HAND', '--status', 'AwaitingApproval');
    assert.deepEqual(
      listed.map((pipeline) => pipeline.pipelineId),
      [pipelineId],
    );
    assert.deepEqual(await json(0, 'list', '--type', 'model_training_builtin'), []);
    const executions = await json<Execution[]>(0, 'executions', pipelineId);
    assert.deepEqual(
      executions.map(({ executionId }) => executionId),
      [waiting.executionId],
    );
    assert.deepEqual(await json(0, 'approvals', '--env', 'prod'), []);
    const { stdout } = await run('approvals', '--env', 'staging');
    const [heading = '', row = ''] = stdout.split('\n');
    assert.match(heading, /^EXECUTION +PIPELINE +ENVIRONMENT +REQUESTED BY +CHANGES +EXPIRES$/);
    assert.match(row, new RegExp(`^${waiting.executionId} +${pipelineId} +staging +kim +\\d+ create +\\d{4}-`));
  });

  it('shows a pipeline and an execution with the change that it waits with', async () => {
    const pipeline = await json<Pipeline>(0, 'show', pipelineId);
    assert.equal(pipeline.request.model_name, 'by-hand');
    const { stdout } = await run('show', waiting.executionId);
    assert.match(stdout, /\nWaits for approval of staging until .*: \d+ create\n {2}\+ /);
    assert.ok(stdout.includes(`mlops approve ${waiting.executionId} --change ${waiting.approval?.changeHash}`));
    const status = await run('status', pipelineId);
    assert.match(status.stdout, /\nDeployDev +Succeeded /);
  });

  it('rejects decisions about a different change or environment, with the reason', async () => {
    const { executionId } = waiting;
    for (const [args, code, problem] of [
      [['reject', executionId], 2, /--reason is required/],
      [['approve', executionId, '--env', 'prod'], 2, /approval of staging, not of --env prod/],
      [['approve', executionId, '--change', 'another'], 5, /HTTP 409/],
      [['approve', UNKNOWN], 4, /EXECUTION_NOT_FOUND, HTTP 404/],
      [['approve', 'unknown'], 4, /PIPELINE_NOT_FOUND, HTTP 404/],
      [['reject', pipelineId, '--reason', 'No.', '--env', 'dev'], 2, /approval of staging, not of --env dev/],
    ] as const) {
      const result = await run(...args);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, problem);
    }
  });

  it('approves and watches to the next approval, rejects, and reports the outcome as exit code', async () => {
    const { executionId } = waiting;
    const { changeHash = '' } = waiting.approval ?? {};
    const args = ['approve', executionId, '--change', changeHash, '--reason', 'Tested.', '--watch', '--caller', 'lee'];
    const next = await json<Execution>(3, ...args);
    assert.equal(next.approval?.environment, 'prod');
    const rejected = await json<Execution>(0, 'reject', executionId, '--reason', 'Not on a Friday.', '--caller', 'lee');
    assert.deepEqual(
      rejected.decisions?.map(({ by, decision, comment }) => [by, decision, comment]),
      [
        ['lee', 'Approved', 'Tested.'],
        ['lee', 'Rejected', 'Not on a Friday.'],
      ],
    );
    assert.equal((await json<Execution>(1, 'watch', executionId)).status, 'Rejected');
    const audit = await json<{ action: string }[]>(0, 'audit', '--principal', 'lee', '--execution', executionId);
    assert.deepEqual(
      audit.map(({ action }) => action),
      ['reject', 'approve'],
    );
  });

  it('cancels the latest execution of a pipeline; what cannot be retried or cancelled is exit code 5', async () => {
    const { code, stderr } = await run('retry', waiting.executionId);
    assert.equal(code, 5, stderr);
    const larger = {
      ...request,
      inference_instance: { dev: 'ml.m5.large', staging: 'ml.m5.large', prod: 'ml.m5.large' },
    };
    const { executionId } = await json<Execution>(
      3,
      'apply',
      '-f',
      await fileOf('larger.json', JSON.stringify(larger)),
      '-w',
    );
    assert.equal((await json<Execution>(0, 'cancel', pipelineId)).executionId, executionId);
    assert.equal((await json<Execution>(1, 'watch', pipelineId)).status, 'Cancelled');
    assert.equal((await run('cancel', executionId)).code, 5);
  });

  it('compares revisions', async () => {
    const diff = await json<RevisionDifference>(0, 'diff', pipelineId);
    assert.deepEqual(
      [diff.from, diff.to, diff.differences.map(({ property }) => property)],
      [1, 2, ['inference_instance']],
    );
    assert.equal((await run('diff', pipelineId, '--from', '2')).stdout, 'Revisions 2 and 2 have the same request.\n');
    assert.equal((await run('diff', pipelineId, '--to', '1')).code, 2);
    const unknown = await run('diff', pipelineId, '--from', '9');
    assert.equal(unknown.code, 4);
    assert.match(unknown.stderr, /has no revision 9/);
    const { stdout } = await run('revisions', pipelineId);
    assert.match(stdout, /^REVISION +CURRENT .*\n2 +yes .*\n1 +no /);
  });

  it('shows outputs and history', async () => {
    assert.match((await run('outputs', pipelineId)).stdout, /^dev\n(?: {2}.*\n)* {2}endpointName +\S+\n/);
    assert.match((await run('history', pipelineId)).stdout, /^ENVIRONMENT .*\n(?:.*\n)*dev +1 +update +succeeded /);
  });

  it('invokes the model through its inference URL', async () => {
    const { url } = promotion.sandbox;
    const { code, stdout, stderr } = await mlopsHere(
      ['invoke', pipelineId, '--env', 'dev', '-f', '-'],
      url,
      '1,2\n3,4\n',
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^0\.\d{3}\n0\.\d{3}\n/);
    const refused = await mlopsHere(['invoke', pipelineId, '--env', 'dev', '-f', '-', '--type', 'ü'], url, '1');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /"content_type" must be a media type/);
  });

  it('destroys only with --yes; without it, shows what would be destroyed', async () => {
    const asked = await run('destroy', pipelineId);
    assert.equal(asked.code, 2);
    assert.match(asked.stdout, /\n {2}- aws:sagemaker\/endpoint:Endpoint /);
    assert.match(asked.stderr, /Nothing was destroyed. Give --yes/);
    assert.equal((await json<Pipeline>(0, 'show', pipelineId)).status, 'Cancelled');
  });

  it('destroys an endpoint with its monitors only if asked to', async () => {
    const { environments } = await json<PipelineOutputs>(0, 'outputs', pipelineId);
    const example = new URL('../../blueprints/model-monitor/example.data-quality.json', import.meta.url);
    const monitor = {
      ...(JSON.parse(await readFile(example, 'utf8')) as object),
      model_name: 'by-hand-watcher',
      endpoint_name: environments[0]?.outputs.endpointName,
    };
    const watcher = await fileOf('monitor.json', JSON.stringify(monitor));
    const { pipelineId: monitorId } = await json<Execution>(3, 'provision', '-f', watcher, '--watch');
    const refused = await run('destroy', pipelineId, '--yes');
    assert.equal(refused.code, 5, refused.stdout);
    assert.ok(refused.stderr.includes(monitorId), refused.stderr);
    const destroyed = await json<Execution>(0, 'destroy', pipelineId, '--yes', '--include-monitors', '--watch');
    assert.equal(destroyed.status, 'Succeeded');
    assert.deepEqual(await json(0, 'list'), []);
    const gone = await json<PipelineSummary[]>(0, 'list', '--deleted');
    assert.deepEqual(
      gone.map(({ pipelineId: id, status }) => [id, status]),
      [
        [pipelineId, 'Deleted'],
        [monitorId, 'Deleted'],
      ],
    );
  });

  it('prints an example of a type that is a request file', async () => {
    const { stdout } = await run('types', 'model_training_builtin');
    const { code, stderr } = await mlopsHere(['validate', '-f', '-'], promotion.sandbox.url, stdout);
    assert.equal(code, 0, stderr);
    assert.match((await run('types')).stdout, /\nmodel_training_builtin +\S/);
    assert.equal((await run('types', 'model_trainig')).code, 4);
  });

  it('writes a request file that is valid, explains every key, and overwrites nothing', async () => {
    const types = await json<{ pipelineType: string; requestSchema: { properties: object } }[]>(0, 'types');
    assert.equal(types.length, 12);
    for (const { pipelineType, requestSchema } of types) {
      const path = join(folder.path, `${pipelineType}.yaml`);
      assert.equal((await run('init', pipelineType, path)).code, 0);
      const content = await readFile(path, 'utf8');
      for (const key of Object.keys(requestSchema.properties)) assert.match(content, new RegExp(`^(# )?${key}:`, 'm'));
      assert.ok(
        content.split('\n').every((line) => line.length <= 110 || !/\s/.test(line.slice(2).trim())),
        pipelineType,
      );
    }
    // An endpoint's name is unique in an account: two pipelines of the same example must not have the same.
    const realtime = await readFile(join(folder.path, 'byom_realtime_builtin.yaml'), 'utf8');
    assert.match(realtime, /^# endpoint_name: /m);
    const path = join(folder.path, 'byom_image_builder.yaml');
    assert.equal((await run('validate', '-f', path)).code, 0);
    const again = await run('init', 'byom_image_builder', path);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /byom_image_builder\.yaml cannot be written: it exists.*--force/);
    assert.equal((await run('init', 'byom_image_builder', path, '--force', '--set', 'image_tag=v=2')).code, 0);
    assert.match(await readFile(path, 'utf8'), /^image_tag: v=2$/m);
    const misspelled = await run('init', 'byom_image_builder', path, '--force', '--set', 'image_tg=v2');
    assert.equal(misspelled.code, 2);
    assert.match(misspelled.stderr, /no key "image_tg"; did you mean "image_tag"\?/);
    const untold = await run('init');
    assert.deepEqual([untold.code, untold.stdout], [2, '']);
    assert.match(untold.stderr, /"mlops types" lists them/);
  });

  it('takes model card requests, and shows the cards', async () => {
    const body = { pipeline_type: 'create_model_card', name: 'by-hand', intended_uses: { purpose_of_model: 'Tests.' } };
    const card = await fileOf('card.json', JSON.stringify(body));
    assert.equal((await run('validate', '-f', card)).code, 0);
    const created = await run('provision', '-f', card);
    assert.equal(created.code, 0, created.stderr);
    assert.match((await run('cards')).stdout, /^CARD .*\nby-hand +Draft +\d{4}-/);
    assert.match(
      (await run('cards', 'by-hand')).stdout,
      /\nintended_uses\n(?: {2}.*\n)* {2}purpose_of_model +Tests\.\n/,
    );
    assert.equal((await run('cards', 'none')).code, 4);
    assert.match((await run('cards', 'by-hand', '--versions')).stdout, /^VERSION +STATUS .*\n1 +Draft +\d{4}-/);
    assert.match((await run('cards', 'by-hand', '--card-version', '1')).stdout, /^card +by-hand\n/);
    assert.equal((await run('cards', 'by-hand', '--card-version', '7')).code, 4);
    assert.equal((await run('cards', '--versions')).code, 2);
    assert.equal((await run('resend', '999999')).code, 4);
  });

  it('protects a pipeline, lifts the protection, and shows, saves and exports its card', async () => {
    const { pipelineId: id } = await json<Execution>(3, 'provision', '-f', file, '--watch');
    assert.equal((await json<Pipeline>(0, 'protect', id, '--caller', 'kim')).protectedBy, 'kim');
    assert.equal((await run('destroy', id, '--yes')).code, 5);
    assert.equal((await json<Pipeline>(0, 'unprotect', id)).protectedBy, undefined);
    assert.match((await run('card', id)).stdout, /^card +\S+\nstate +Draft only\n(?:.*\n)*model_overview\n/);
    assert.equal((await json<PipelineCard>(0, 'card', id, '--save')).state, 'Saved');
    const { location } = await json<CardExport>(0, 'card', id, '--export', 'json');
    assert.match(location ?? '', /^s3:\/\/mlops-assets-\S+\/model_card_exports\//);
  });
});
