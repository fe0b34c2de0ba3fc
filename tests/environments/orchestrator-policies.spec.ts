/** The walk over the policies of the orchestrator's own program, as the sandbox has them once it is up. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ProjectSettings, StackSettings } from '@pulumi/pulumi/automation/index.js';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import { after, before, describe, it } from 'mocha';
import { parse } from 'yaml';
import { createEngine } from '../../sandbox/child-engine.ts';
import type { ResourceState } from '../../sandbox/engine/state.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { faultsOf, findPolicies } from './policy-walk.ts';

const ROOT = new URL('../../', import.meta.url);
const file = (path: string) => fileURLToPath(new URL(path, ROOT));
const yaml = (path: string): unknown => parse(readFileSync(file(path), 'utf8'));

describe('every policy of the orchestrator’s own program', function () {
  this.timeout(180_000);
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async function () {
    folder = await temporaryFolder();
    if (!existsSync(file('Pulumi.yaml'))) this.skip();
  });

  after(() => folder.remove());

  async function resourcesOf(example: string): Promise<ResourceState[]> {
    const home = await mkdtemp(join(folder.path, 'home-'));
    const { command: pulumiCommand, envVars } = await createEngine({
      kind: 'sandbox',
      module: '',
      backendUrl: pathToFileURL(home).href,
      options: { SANDBOX_HOME: home, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'sandbox' },
    });
    const project = yaml('Pulumi.yaml') as ProjectSettings;
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: example, workDir: await mkdtemp(join(folder.path, 'work-')) },
      {
        pulumiCommand,
        envVars,
        projectSettings: { ...project, main: file(project.main ?? '') },
        stackSettings: { [example]: yaml(`infra/examples/Pulumi.${example}.yaml`) as StackSettings },
      },
    );
    await stack.up();
    const { deployment } = await stack.exportStack();
    return (deployment as { resources: ResourceState[] }).resources;
  }

  for (const example of ['single-account', 'multi-account']) {
    it(`is in order for the example of ${example}`, async () => {
      const resources = await resourcesOf(example);
      const policies = resources.flatMap(({ type, urn, inputs }) =>
        findPolicies({ type, name: urn.split('::').at(-1) ?? '', inputs: inputs ?? {} }),
      );
      assert.ok(policies.length >= 15, `${policies.length} policies`);
      assert.deepEqual((await Promise.all(policies.map(faultsOf))).flat(), []);
    });
  }
});
