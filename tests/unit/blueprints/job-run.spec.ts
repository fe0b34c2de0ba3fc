import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { JobDefinition, JobService } from '../../../blueprints/shared/lambda/job-run.ts';
import {
  RUN_TAG,
  jobNameMatchers,
  jobNamePatterns,
  jobNames,
  runJob,
} from '../../../blueprints/shared/lambda/job-run.ts';

const DEFINITION: JobDefinition = { baseName: 'churn-training', nameLimit: 63, tags: { a: 'b' }, request: {} };

/** SageMaker, as far as names and tags go. */
class Jobs implements JobService {
  readonly made = new Map<string, { status: string; tags: { Key: string; Value: string }[] }>();

  async create(name: string, tags: { Key: string; Value: string }[]): Promise<void> {
    if (this.made.has(name)) throw Object.assign(new Error(`${name} is taken`), { name: 'ResourceInUse' });
    this.made.set(name, { status: 'InProgress', tags });
  }

  async describe(name: string): Promise<{ arn: string; status: string }> {
    return { arn: name, status: this.made.get(name)?.status ?? '' };
  }

  async listTags(arn: string): Promise<{ Key?: string; Value?: string }[]> {
    return this.made.get(arn)?.tags ?? [];
  }
}

describe('runs of jobs', () => {
  it('makes one job for one change, however often it is called for it', async () => {
    const jobs = new Jobs();
    const first = await runJob(DEFINITION, { run: '3-abcdef' }, jobs);
    assert.deepEqual(first, { jobName: 'churn-training-3-abcdef', created: true });
    assert.deepEqual(await runJob(DEFINITION, { run: '3-abcdef' }, jobs), { ...first, created: false });
    assert.equal(jobs.made.size, 1);
    assert.deepEqual(jobs.made.get(first.jobName)?.tags, [
      { Key: 'a', Value: 'b' },
      { Key: RUN_TAG, Value: '3-abcdef' },
    ]);
  });

  it('makes another one for another change, and for one who asks without a change', async () => {
    const jobs = new Jobs();
    for (const event of [{ run: '1-aaaaaa' }, { run: '2-bbbbbb' }, {}, {}]) await runJob(DEFINITION, event, jobs);
    assert.equal(jobs.made.size, 4);
  });

  it('gives a later run of the same job a name of its own, where the caller named the first', async () => {
    const jobs = new Jobs();
    const named = { ...DEFINITION, fixedName: 'by-name' };
    const runs = ['1-abcdef', '2-abcdef', '3-abcdef', '2-abcdef'];
    const made = [];
    for (const run of runs) made.push(await runJob(named, { run }, jobs));
    assert.deepEqual(
      made.map(({ created }) => created),
      [true, true, true, false],
    );
    assert.equal(made[0]?.jobName, 'by-name');
    assert.equal(new Set(made.map(({ jobName }) => jobName)).size, 3);
    assert.equal(made[3]?.jobName, made[1]?.jobName);
    await assert.rejects(runJob(named, { run: '4-fedcba' }, jobs), /by-name is taken/);
  });

  it('takes another name where the job of this change has failed', async () => {
    const jobs = new Jobs();
    const { jobName } = await runJob(DEFINITION, { run: '1-aaaaaa' }, jobs);
    jobs.made.get(jobName)!.status = 'Failed';
    assert.deepEqual(await runJob(DEFINITION, { run: '1-aaaaaa' }, jobs), {
      jobName: 'churn-training-1-aaaaaa-2',
      created: true,
    });
  });

  it('passes on the message of the service if the name is in use elsewhere', async () => {
    const jobs = new Jobs();
    await jobs.create('fixed', [{ Key: RUN_TAG, Value: '1-another' }]);
    await assert.rejects(runJob({ ...DEFINITION, fixedName: 'fixed' }, { run: '2-aaaaaa' }, jobs), {
      name: 'ResourceInUse',
    });
  });

  it('passes over the job of an earlier stack or installation, which counted from 1 as well', async () => {
    for (const whole of [{}, { wholeName: 'endpoint-dataquality-1234' }]) {
      const jobs = new Jobs();
      const [before, now] = ['function-1111111', 'function-2222222'].map((maker) => ({
        ...DEFINITION,
        ...whole,
        maker,
      }));
      const { jobName } = await runJob(before!, { run: '1-aaaaaa' }, jobs);
      jobs.made.get(jobName)!.status = 'Completed';
      const next = { jobName: `${jobName}-2`, created: true };
      assert.deepEqual(await runJob(now!, { run: '1-aaaaaa' }, jobs), next);
      assert.deepEqual(await runJob(now!, { run: '1-aaaaaa' }, jobs), { ...next, created: false });
      assert.deepEqual(jobs.made.get(`${jobName}-2`)?.tags.at(-1), {
        Key: RUN_TAG,
        Value: '1-aaaaaa@function-2222222',
      });
    }
  });

  it('passes on the message of the service if all names are in use', async () => {
    const jobs = new Jobs();
    for (const name of jobNames(DEFINITION, '1-aaaaaa')) await jobs.create(name, []);
    await assert.rejects(runJob(DEFINITION, { run: '1-aaaaaa' }, jobs), { name: 'ResourceInUse' });
  });

  it('waits for a role that is not known everywhere yet, and not for ever', async () => {
    const jobs = new Jobs();
    const waited: number[] = [];
    const service = (refusals: number): JobService => ({
      create: async (name, tags) => {
        if (refusals-- > 0) throw Object.assign(new Error('Could not assume role x'), { name: 'ValidationException' });
        await jobs.create(name, tags);
      },
      describe: (name) => jobs.describe(name),
      listTags: (arn) => jobs.listTags(arn),
      wait: async (milliseconds) => waited.push(milliseconds),
    });
    assert.equal((await runJob(DEFINITION, { run: '1-aaaaaa' }, service(2))).created, true);
    assert.deepEqual(waited, [1_000, 2_000]);
    await assert.rejects(runJob(DEFINITION, { run: '2-aaaaaa' }, service(1_000)), { name: 'ValidationException' });
    assert.ok(waited.reduce((sum, each) => sum + each, 0) < 50_000);
  });

  it('passes on any other error unchanged', async () => {
    const jobs = new Jobs();
    jobs.create = async () => {
      throw Object.assign(new Error('no instances'), { name: 'ResourceLimitExceeded' });
    };
    await assert.rejects(runJob(DEFINITION, { run: '1-aaaaaa' }, jobs), { name: 'ResourceLimitExceeded' });
  });

  it('knows its jobs by whole words of their names', () => {
    const named = { ...DEFINITION, fixedName: 'churn' };
    assert.deepEqual(jobNamePatterns(DEFINITION), ['churn-training-*']);
    assert.deepEqual(jobNameMatchers(DEFINITION), [{ prefix: 'churn-training-' }]);
    assert.deepEqual(jobNamePatterns(named), ['churn', 'churn-*']);
    assert.deepEqual(jobNameMatchers(named), ['churn', { prefix: 'churn-' }]);
    const long = { ...DEFINITION, fixedName: `${'a'.repeat(50)}-${'b'.repeat(12)}` };
    assert.deepEqual(jobNamePatterns(long), [
      long.fixedName,
      `${'a'.repeat(50)}-${'b'.repeat(10)}-*`,
      `${'a'.repeat(50)}-bbb-*`,
    ]);
  });

  it('gives names that fit the service and the role’s policy', async () => {
    const text = fc.stringMatching(/^[a-z]([a-z0-9-]{0,48}[a-z0-9])?$/);
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), fc.constantFrom(32, 63), fc.nat(99_999), async (name, fixed, limit, run) => {
        const definition: JobDefinition = {
          ...DEFINITION,
          nameLimit: limit,
          baseName: name.slice(0, limit - 13).replace(/-+$/, ''),
          ...(fixed ? { fixedName: name.slice(0, limit).replace(/-+$/, '') } : {}),
        };
        const jobs = new Jobs();
        await runJob(definition, {}, jobs);
        const patterns = jobNamePatterns(definition).map((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`));
        for (const one of [...jobNames(definition, `${run}-abcdef`), ...jobs.made.keys()]) {
          assert.ok(one.length <= limit, one);
          assert.match(one, /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/);
          assert.ok(
            patterns.some((pattern) => pattern.test(one)),
            `${one} is not one of ${patterns.join(', ')}`,
          );
        }
      }),
    );
  });
});
