import assert from 'node:assert/strict';
import pino from 'pino';
import type { LeasedOperations, LeasedRun } from '../../../automation/stacks/leased-operations.ts';
import type { OperationBuilder } from '../../../automation/stacks/operation-builder.ts';
import type { PreviewsDependencies } from '../../../automation/stacks/previews.ts';
import { Previews } from '../../../automation/stacks/previews.ts';

describe('a preview that a caller waits for', () => {
  it('waits for another preview of the stack as long as for itself, and for a deployment only two seconds', async () => {
    const runs: LeasedRun[] = [];
    const previews = new Previews({
      operations: { build: async () => ({ project: 'p', stack: 's' }) } as unknown as OperationBuilder,
      leased: {
        run: async (run: LeasedRun) => {
          runs.push(run);
          return { ok: true, outputs: {}, summary: {}, changes: [], history: [], drift: [] };
        },
      } as unknown as LeasedOperations,
      limits: { child: (_: AbortSignal, run: () => unknown) => run() } as PreviewsDependencies['limits'],
      runner: { run: () => assert.fail('run without a lease') },
      logger: pino({ level: 'silent' }),
    });
    const { signal } = new AbortController();
    const subject = { pipelineId: 's', pipelineType: 't', blueprint: undefined, revision: 1 };
    await Promise.all([previews.preview(subject, 'main', signal), previews.preview(subject, 'main', signal)]);
    const [first, second] = runs;
    assert.ok(first && second && typeof first.patienceMs === 'function');
    assert.notEqual(first.holder, second.holder);
    assert.equal(first.patienceMs(second.holder), 120_000);
    assert.equal(first.patienceMs('execution-1'), 2_000);
  });

  it('answers with the violations of mandatory policies instead of failing', async () => {
    const policy = { pack: 'company', name: 'no-public-buckets', enforcementLevel: 'mandatory' as const };
    const findings = [{ check: 'policy', subject: 'urn:a', message: 'Buckets have to be private.', policy }];
    const changes = [{ operation: 'create', urn: 'urn:a', type: 'aws:s3/bucket:Bucket', name: 'a' }];
    const error = { code: 'POLICY_VIOLATED', message: 'stopped', findings };
    const previews = new Previews({
      operations: { build: async () => ({ project: 'p', stack: 's' }) } as unknown as OperationBuilder,
      leased: {
        run: async () => ({ ok: false, error, summary: { create: 1 }, changes }),
      } as unknown as LeasedOperations,
      limits: { child: (_: AbortSignal, run: () => unknown) => run() } as PreviewsDependencies['limits'],
      runner: { run: () => assert.fail('run without a lease') },
      logger: pino({ level: 'silent' }),
    });
    const subject = { pipelineId: 's', pipelineType: 't', blueprint: undefined, revision: 1 };
    assert.deepEqual(await previews.preview(subject, 'main', new AbortController().signal), {
      environment: 'main',
      stack: 'p/s',
      summary: { create: 1 },
      changes,
      findings,
    });
  });
});
