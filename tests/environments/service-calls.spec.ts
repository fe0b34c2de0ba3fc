/** Every command in the source is in the table of commands, and the deployment roles may send theirs, and no more. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { before, describe, it } from 'mocha';
import ts from 'typescript';
import { BLUEPRINTS } from '../../blueprints/registry.ts';
import { ACCOUNT, REGION } from '../../blueprints/testing.ts';
import { sourceFiles } from '../support/source-files.ts';
import type { Account } from './accounts.ts';
import { PLACE, accountOf } from './accounts.ts';
import { ON_EVERYTHING } from './policy-walk.ts';
import { PROGRAMS } from './programs.ts';
import type { At } from './call-shapes.ts';
import { ASSETS } from './call-shapes.ts';
import { DEPLOYMENT_CALLS, FENCE_CALLS, callsOfNeed } from './deployment-calls.ts';
import type { Call } from './simulator.ts';
import { decide } from './simulator.ts';
import { TASK, TASK_CALLS } from './task-calls.ts';

const ROOT = new URL('../../', import.meta.url);
const SDK = /^@aws-sdk\//;

interface Import {
  file: string;
  from: string;
  /** Values only: types send nothing. `*` for all of a package. */
  names: string[];
}

/** Imports of values from packages, as TypeScript reads them. */
function importsOf(file: string): Import[] {
  const text = readFileSync(fileURLToPath(new URL(file, ROOT)), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  assert.doesNotMatch(
    text,
    /(import|require)\(\s*['"`]@aws-sdk/,
    `${file} loads the SDK where no test can see what of it`,
  );
  return source.statements.filter(ts.isImportDeclaration).map(({ importClause, moduleSpecifier }) => ({
    file,
    from: (moduleSpecifier as ts.StringLiteral).text,
    names: importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? [] : namesOf(importClause),
  }));
}

function namesOf(clause: ts.ImportClause | undefined): string[] {
  const { name, namedBindings } = clause ?? {};
  const named = namedBindings && ts.isNamedImports(namedBindings) ? namedBindings.elements : [];
  return [
    ...(name || (namedBindings && ts.isNamespaceImport(namedBindings)) ? ['*'] : []),
    ...named.filter(({ isTypeOnly }) => !isTypeOnly).map((one) => (one.propertyName ?? one.name).text),
  ];
}

/** A paginator sends the command that it is named after. */
const commandOf = (name: string) => name.replace(/^paginate(.+)$/, '$1Command');

const imports = (folder: string) =>
  sourceFiles(folder)
    .flatMap(importsOf)
    .filter(({ names }) => names.length > 0);

const named = (account: string, [action, resource, context]: Call) =>
  `${account}: ${action} on ${resource}${context ? ` with ${JSON.stringify(context)}` : ''}`;

describe('the table of the service’s commands', () => {
  const service = ['api', 'automation', 'docker'].flatMap(imports);

  it('has every command that the source sends, by file, and no other', () => {
    const sent = service
      .filter(({ from }) => SDK.test(from))
      .flatMap(({ file, from, names }) => names.map((name) => `${file}: ${from.replace(SDK, '')} ${commandOf(name)}`))
      // Creating a client sends nothing.
      .filter((one) => !one.endsWith('Client'));
    const table = [...DEPLOYMENT_CALLS, ...TASK_CALLS, ...FENCE_CALLS].map(
      ({ file, command }) => `${file}: ${command}`,
    );
    assert.deepEqual(sent.sort(), [...table].sort());
    assert.equal(new Set(table).size, table.length);
  });

  it('knows every way to AWS: nothing is sent but commands, by clients of the third version of the SDK', () => {
    assert.deepEqual(
      service.filter(({ from }) => /^(aws-sdk|@smithy\/|aws4|@aws-crypto\/)/.test(from)),
      [],
    );
  });

  it('need have nothing of blueprints: those send commands in functions of pipelines alone, with roles of these', () => {
    const files = imports('blueprints')
      .filter(({ from, names }) => SDK.test(from) && names.some((name) => commandOf(name).endsWith('Command')))
      .map(({ file }) => file.replace(/^blueprints\/[\w-]+\//, ''));
    assert.deepEqual([...new Set(files)].sort(), ['handler.ts', 'invoke-later.ts']);
  });

  it('leaves a refusal out only where AWS has nothing narrower than everything', () => {
    const at = { account: ACCOUNT, region: REGION };
    const rows = [
      ...DEPLOYMENT_CALLS.map(({ may, mayNot, ...row }) => ({ ...row, may: may(at), mayNot: mayNot(at), because: '' })),
      ...TASK_CALLS,
    ];
    for (const { command, may, mayNot, because } of rows) {
      assert.ok(may.length > 0 || because, command);
      const narrow = may.filter(([action]) => !(action in ON_EVERYTHING));
      assert.ok(mayNot.length > 0 || narrow.length === 0, command);
    }
  });
});

/** One account for each environment and, as `main`, the orchestrator's in either option. */
const ACCOUNTS = {
  dev: { account: TASK.accounts.dev, region: REGION, placements: ['environments'] },
  staging: { account: TASK.accounts.staging, region: 'eu-central-1', placements: ['environments'] },
  prod: { account: TASK.accounts.prod, region: REGION, placements: ['environments'] },
  'main of several': { account: ACCOUNT, region: REGION, placements: ['orchestrator'] },
  'main alone': { account: ACCOUNT, region: REGION, placements: ['environments', 'orchestrator'] },
} as const;
const OFF_LIMITS = [TASK.state, `${TASK.state}/*`, TASK.key];

describe('a deployment role of the service', () => {
  const made = new Map<string, Account>();

  before(async () => {
    for (const [name, { account, region, placements }] of Object.entries(ACCOUNTS)) {
      const [environment = ''] = name.split(' ');
      made.set(
        name,
        await accountOf(placements, {
          place: { ...PLACE, accountId: account, region },
          environment,
          dataBuckets: ['team-*'],
          ...(environment === 'main' ? { offLimits: OFF_LIMITS } : {}),
        }),
      );
    }
  });

  async function answer(name: string, { account }: At, call: Call) {
    const { permissions, ceiling } = made.get(name) ?? assert.fail(name);
    const principal = `arn:aws:iam::${account}:role/mlops-deployment-${name.split(' ')[0]}`;
    return await decide({ identity: permissions, boundary: ceiling, principal }, call);
  }

  for (const { file, command, placements, may, mayNot } of DEPLOYMENT_CALLS) {
    it(`may send ${command} (${file}), of what is its own`, async () => {
      let tried = 0;
      for (const [name, at] of Object.entries(ACCOUNTS)) {
        if (!placements.some((placement) => (at.placements as readonly string[]).includes(placement))) continue;
        for (const call of may(at)) assert.equal(await answer(name, at, call), 'Allowed', named(name, call));
        for (const call of mayNot(at)) assert.notEqual(await answer(name, at, call), 'Allowed', named(name, call));
        tried += 1;
      }
      assert.ok(tried >= ((placements as readonly string[]).includes('environments') ? 4 : 2));
    });
  }

  it('of the orchestrator may not read what is off limits, whatever a request names', async () => {
    for (const name of ['main of several', 'main alone'] as const) {
      for (const call of [
        ['s3:ListBucket', TASK.state],
        ['kms:DescribeKey', TASK.key],
        [
          'kms:CreateGrant',
          TASK.key,
          { 'kms:GrantIsForAWSResource': 'true', 'kms:ViaService': `sagemaker.${REGION}.amazonaws.com` },
        ],
      ] satisfies Call[]) {
        assert.equal(await answer(name, ACCOUNTS[name], call), 'ExplicitlyDenied', named(name, call));
      }
    }
  });

  for (const { title, type, placement, request } of PROGRAMS) {
    it(`may read everything that ${title} needs`, async () => {
      const needs = BLUEPRINTS[type].needs?.(request, { assetsBucket: ASSETS, allowUnapprovedModelPackages: false });
      assert.ok(needs && needs.length > 0);
      const names = placement === 'orchestrator' ? ['main of several', 'main alone'] : ['dev', 'prod', 'main alone'];
      for (const name of names as (keyof typeof ACCOUNTS)[]) {
        // Requests name buckets as they like, and so do they here.
        const { permissions, ceiling } = await accountOf(ACCOUNTS[name].placements, {
          place: { ...PLACE, accountId: ACCOUNTS[name].account },
        });
        const principal = `arn:aws:iam::${ACCOUNTS[name].account}:role/mlops-deployment`;
        for (const call of needs.flatMap((need) => callsOfNeed(need, ACCOUNTS[name]))) {
          const answer = await decide({ identity: permissions, boundary: ceiling, principal }, call);
          assert.equal(answer, 'Allowed', named(name, call));
        }
      }
    });
  }
});
