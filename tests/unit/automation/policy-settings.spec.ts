import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineChoice } from '../../../automation/config/config.ts';
import { loadConfig } from '../../../automation/config/config.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const VALID = {
  DATABASE_URL: 'postgresql://user:secret-password@db:5432/mlops',
  PULUMI_BACKEND_URL: 's3://state',
  PULUMI_CONFIG_PASSPHRASE: 'x',
  AWS_REGION: 'eu-west-1',
  ASSETS_BUCKET: 'my-assets',
};

describe('the settings of policy packs', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let pack: string;
  let config: string;

  before(async () => {
    folder = await temporaryFolder();
    pack = join(folder.path, 'pack');
    config = join(folder.path, 'pack.json');
    await mkdir(pack);
    await writeFile(join(pack, 'PulumiPolicy.yaml'), 'runtime: nodejs\n');
    await writeFile(config, '{}');
  });

  after(() => folder.remove());

  const packsOf = (env: Record<string, string>, engine?: EngineChoice) =>
    loadConfig({ ...VALID, ...env }, engine).engine.policyPacks;

  it('are packs in their order, each with its configuration', () => {
    assert.equal(packsOf({}), undefined);
    assert.deepEqual(packsOf({ POLICY_PACKS: ` ${pack}, ${pack},` }), [{ path: pack }, { path: pack }]);
    assert.deepEqual(packsOf({ POLICY_PACKS: pack, POLICY_PACK_CONFIGS: config }), [{ path: pack, config }]);
  });

  it('are refused where a folder, a file or a configuration is missing', () => {
    assert.throws(
      () => packsOf({ POLICY_PACKS: folder.path }),
      /POLICY_PACKS: .* is not a policy pack folder: it has no PulumiPolicy\.yaml/,
    );
    assert.throws(
      () => packsOf({ POLICY_PACKS: pack, POLICY_PACK_CONFIGS: `${config}.gone` }),
      /POLICY_PACK_CONFIGS: the file .*pack\.json\.gone does not exist/,
    );
    assert.throws(
      () => packsOf({ POLICY_PACKS: `${pack},${pack}`, POLICY_PACK_CONFIGS: config }),
      /POLICY_PACK_CONFIGS must name one file for each entry of POLICY_PACKS.* has 1, POLICY_PACKS has 2/,
    );
    assert.throws(() => packsOf({ POLICY_PACK_CONFIGS: config }), /POLICY_PACK_CONFIGS must name one file for each/);
  });

  it('are refused with the simulated engine, which runs none', () => {
    assert.throws(
      () => packsOf({ POLICY_PACKS: pack }, { kind: 'sandbox', module: 'file:///engine.ts' }),
      /POLICY_PACKS requires the Pulumi CLI.* start the sandbox with --engine real/,
    );
  });
});
