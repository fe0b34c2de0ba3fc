/** What only AWS or the machine can refuse is said on the pages that a deployment is done by. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { boundaryName, deploymentRoleName, fenceRoleName } from '../../blueprints/shared/aws/deployment-names.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');

describe('a deployment of the orchestrator', () => {
  it('needs a Node.js that runs TypeScript, which package.json and the page require', () => {
    for (const program of ['Pulumi.yaml', 'infra/environment/Pulumi.yaml']) {
      assert.match(read(program), /typescript: false/, program);
    }
    // The first version that strips types without a flag. @see https://nodejs.org/api/typescript.html
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    const [, major = 0, minor = 0] = (/^>=(\d+)\.(\d+)$/.exec(engines.node) ?? []).map(Number);
    assert.ok(major > 22 || (major === 22 && minor >= 18), engines.node);
    assert.match(read('docs/deploy.md'), new RegExp(`Node\\.js ${major}\\.${minor} or later`));
  });

  for (const [what, page, words] of [
    ['permissions of the deployer', 'docs/deploy.md', /### Permissions of the deployer .*iam:CreateServiceLinkedRole/],
    ['emulation on ARM machines', 'docs/deploy.md', /On an ARM machine .* Docker needs QEMU/],
    ['VPC links without traffic', 'docs/deploy.md', /VPC link without traffic for 60 days becomes `INACTIVE`/],
    ['alarms of target tracking', 'docs/deploy.md', /in the alarms that target tracking creates/],
    [
      'whom pipeline roles may trust',
      'docs/environments.md',
      /does not restrict whom a role trusts.*set `dataBuckets`.*iam:UpdateAssumeRolePolicy.*service control policy/,
    ],
  ] as const) {
    it(`says what there is to know of ${what}`, () => {
      assert.match(read(page), words);
    });
  }

  it('shares no name in IAM with another orchestrator in the account', () => {
    const namesOf = (prefix: string) => {
      const role = deploymentRoleName(prefix, 'main');
      return [role, fenceRoleName(role), boundaryName(prefix, 'main')];
    };
    const names = ['mlops-pipeline', 'team-a', 'team-b'].flatMap(namesOf);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(namesOf('mlops-pipeline')[0], 'mlops-deployment-main');
    assert.ok(names.every((name) => name.length <= 64));
  });
});
