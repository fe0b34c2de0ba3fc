import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { knownCommand, observedCommand, parseVersion } from '../../../automation/engine/command.ts';
import { OLDEST_VERSION, TESTED_VERSIONS, judgeVersion } from '../../../automation/engine/version.ts';

describe('the version of the Pulumi CLI', () => {
  it('is fine within the tested range, both ends included', () => {
    for (const version of [TESTED_VERSIONS.from, `v${TESTED_VERSIONS.to}`, 'v3.270.0\n']) {
      assert.deepEqual(judgeVersion(version), {
        ok: true,
        tested: true,
        detail: `Pulumi CLI ${version.replace('v', '').trim()}`,
      });
    }
  });

  it('may be newer than the tests, which is said', () => {
    const { ok, tested, detail } = judgeVersion('3.999.0');
    assert.deepEqual([ok, tested], [true, false]);
    assert.equal(detail, 'Pulumi CLI 3.999.0, which is outside the tested range 3.265.0 to 3.274.1');
  });

  it('is refused where it is too old, of another major version or none at all, with what would help', () => {
    for (const version of ['3.258.0', '4.0.0-alpha.1', '2.25.2', '']) {
      const { ok, detail } = judgeVersion(version);
      assert.equal(ok, false, version);
      assert.match(detail, /Install one from 3\.265\.0 to 3\.274\.1: https:\/\/www\.pulumi\.com/);
    }
    assert.equal(judgeVersion(OLDEST_VERSION).ok, true);
  });

  it('is tested with the SDK that package.json pins, which is not newer than the newest CLI', async () => {
    const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
    const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
    const sdk = parseVersion(dependencies['@pulumi/pulumi'] ?? '');
    assert.ok(sdk && sdk.compare(TESTED_VERSIONS.to) <= 0);
  });
});

describe('a CLI that is observed', () => {
  it('tells each command before it is run, without values, and runs it as it is', async () => {
    const version = parseVersion('3.274.1');
    assert.ok(version);
    const command = knownCommand(version);
    const ran: unknown[][] = [];
    Object.assign(command, { run: async (...args: unknown[]) => ran.push(args) });
    const names: string[] = [];
    const observed = observedCommand(command, (name) => names.push(name)) as typeof command & {
      run(args: string[], cwd: string): Promise<unknown>;
    };
    assert.equal(observed.version?.version, '3.274.1');
    for (const line of [
      'stack select --stack a.main',
      'stack init a.main',
      'up --yes',
      'stack --show-urns',
      'version',
    ]) {
      await observed.run(line.split(' '), '/work');
    }
    assert.deepEqual(names, ['stack select', 'stack init', 'up', 'stack', 'version']);
    assert.deepEqual(ran[1], [['stack', 'init', 'a.main'], '/work']);
  });
});
