/** The policy pack of docs/policy-packs.md on a real Pulumi CLI: deployment, request for approval, and error. */
import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuidePreviewAnswer } from '../../api/guide-answers.ts';
import type { Execution, PreflightFinding } from '../../automation/model.ts';
import { isRealEngine } from '../support/engine.ts';
import { journal } from '../support/journal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Promotion } from '../workflows/support.ts';
import { provisioned, stagedRealtime, startPromotion } from '../workflows/support.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KEY = 'arn:aws:kms:us-east-1:111111111111:key/12345678-1234-1234-1234-123456789012';
const INSTANCES = { dev: 'ml.m5.large', staging: 'ml.m5.4xlarge', prod: 'ml.m5.large' };

/** The example on the page, with this repository's dependencies in place of its own. */
async function packOfTheDocs(folder: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/policy-packs.md'), 'utf8');
  const [, example = ''] = page.split('\n## An example\n');
  const block = (language: string) =>
    new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(example)?.[1] ??
    assert.fail(`no ${language} in the example`);
  const pack = join(folder, 'company');
  await mkdir(pack);
  await writeFile(join(pack, 'PulumiPolicy.yaml'), block('yaml'));
  await writeFile(join(pack, 'index.js'), block('js'));
  await writeFile(join(pack, 'package.json'), '{"name": "company", "version": "1.0.0"}');
  await symlink(join(ROOT, 'node_modules'), join(pack, 'node_modules'));
  return pack;
}

/** The real engine puts the description of the policy in front of what it says. */
const violations = (findings: readonly PreflightFinding[] = []) =>
  findings.map(({ policy, message }) => [
    policy?.pack,
    policy?.name,
    policy?.enforcementLevel,
    message.split('\n').at(-1),
  ]);
const UNENCRYPTED = ['company', 'encrypted-volumes', 'mandatory', 'Set kmsKeyArn.'];
const LARGE = ['company', 'instance-size', 'advisory', 'ml.m5.4xlarge is a large instance.'];

describe('a policy pack on a real Pulumi CLI', function () {
  this.timeout(300_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let promotion: Promotion;

  before(async function () {
    // The simulated engine refuses policy packs.
    if (!isRealEngine()) this.skip();
    folder = await temporaryFolder();
    promotion = await startPromotion({ POLICY_PACKS: await packOfTheDocs(folder.path) });
  });

  after(async () => {
    await promotion?.stop();
    await folder?.remove();
  });

  it('shows violations in a preview, mandatory ones too, together with the change', async () => {
    const inference_instance = { ...INSTANCES, dev: 'ml.m5.4xlarge' };
    const { environments } = await promotion.client.call<GuidePreviewAnswer>(
      'POST',
      '/provisionpipeline?preview=true',
      await stagedRealtime('previewed', { inference_instance }),
    );
    const [dev, , prod] = environments;
    assert.deepEqual(violations(dev?.findings).sort(), [UNENCRYPTED, LARGE]);
    assert.deepEqual(violations(prod?.findings), [UNENCRYPTED]);
    for (const one of environments) {
      assert.ok(one.changes.some(({ type }) => type === 'aws:sagemaker/endpointConfiguration:EndpointConfiguration'));
    }
    assert.deepEqual(await journal(promotion.home, 'mlops-pipeline-previewed'), []);
  });

  it('lets an advisory violation through, and puts it into the request for approval', async () => {
    const body = await stagedRealtime('advised', { kms_key_arn: KEY, inference_instance: INSTANCES });
    const execution = await provisioned(promotion.client, body);
    assert.equal(execution.status, 'AwaitingApproval', JSON.stringify(execution));
    assert.deepEqual(violations(execution.approval?.findings), [LARGE]);

    await promotion.client.approve(execution);
    const approved = await promotion.client.settled(execution.executionId);
    const staging = approved.stages.find(({ environment }) => environment === 'staging');
    assert.equal(staging?.status, 'Succeeded', JSON.stringify(approved));
  });

  it('stops a deployment by a mandatory violation, before the endpoint is there, and says what was found', async () => {
    const inference_instance = { ...INSTANCES, dev: 'ml.m5.4xlarge' };
    const execution: Execution = await provisioned(
      promotion.client,
      await stagedRealtime('refused', { inference_instance }),
    );
    assert.equal(execution.status, 'Failed');
    const error = execution.stages.find(({ environment }) => environment === 'dev')?.error;
    assert.equal(error?.code, 'POLICY_VIOLATED', JSON.stringify(execution));
    assert.deepEqual(violations(error.findings).sort(), [UNENCRYPTED, LARGE]);
    const made = (await journal(promotion.home, execution.pipelineId)).map(({ type }) => type);
    assert.ok(!made.some((type) => /endpoint/i.test(type)), made.join(', '));
  });
});
