/** Why a custom blueprint can be refused: every reason is reported, and nothing else breaks. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { probeBlueprint } from '../../automation/custom-blueprints/probe.ts';
import { loadCustomBlueprints } from '../../blueprints/custom/load.ts';
import { locateBlueprint } from '../../blueprints/custom/locate.ts';
import type { CustomBlueprint } from '../../blueprints/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { folderOf, generated, handwritten } from './support.ts';

const index = (text: string) => ({ 'index.js': text });
const changed = (changes: Record<string, string | undefined>) => index(handwritten(changes));
const schema = (keys: string) => changed({ schema: `() => Joi.object({ ...KEYS, ${keys} })` });

/** Files of a folder, and everything it is refused for. */
const BROKEN: Record<string, [files: Record<string, string | undefined>, reasons: RegExp[]]> = {
  'no package.json': [{ 'package.json': undefined }, [/^it has no package\.json, which must contain the version/]],
  'a package.json that is no JSON': [{ 'package.json': '{' }, [/^its package\.json is not JSON/]],
  'a package.json that is a list': [{ 'package.json': '[]' }, [/^its package\.json is not a JSON object$/]],
  'no version': [{ 'package.json': '{}' }, [/needs a "version" such as 1\.0\.0; it has none/]],
  'a version that is none': [{ 'package.json': '{"version": "latest"}' }, [/it has "latest"/]],
  'no entry': [{}, [/^it has no index\.ts or index\.js/]],
  'an entry that is not there': [
    { 'package.json': '{"version": "1.0.0", "exports": {".": {"import": "./gone.js"}}}' },
    [/^it has no \.\/gone\.js/],
  ],
  'a throw on import': [index(`throw new Error('I am broken');`), [/^it cannot be imported: I am broken$/]],
  'a throw of no error': [index(`throw undefined;`), [/^it cannot be imported: it threw undefined$/]],
  'a syntax error': [index('export default {'), [/^it cannot be imported: SyntaxError: /]],
  'an import of a package that does not exist': [
    index(`import 'no-such-package'; export default {};`),
    [/^it cannot be imported: Cannot find package 'no-such-package'/],
  ],
  'an import of a piece that is not shared': [
    index(`import 'mlops-workload-orchestrator/shared/secrets'; export default {};`),
    [/is not defined by "exports"/],
  ],
  'no default export': [index('export const blueprint = {};'), [/^its entry has no default export/]],
  'an empty list': [index('export default [];'), [/^its default export is an empty list$/]],
  'something else': [index(`export default 'blueprint';`), [/must be a blueprint or a list of them, not string/]],
  'an exit on import': [index('process.exit(3);'), [/^the process that imported it ended \(exit code 3\)/]],
  'an unhandled rejection': [
    index(`void Promise.reject(new Error('stray')); ${handwritten()}`),
    [/^it throws where nothing can catch it: stray$/],
  ],
  'fields that are wrong or unknown, all at once': [
    changed({
      pipelineType: `'Hand-Written'`,
      title: undefined,
      namePostfix: `'hand-written'`,
      nameKey: `'name'`,
      placement: `'dev'`,
      perStagekeys: '[]',
      version: `'2.0.0'`,
    }),
    [
      /"pipelineType" .*lower case letters and digits, with _ between words/,
      /"title" is required/,
      /"namePostfix" .*at most 30 lower case letters and digits/,
      /"nameKey" must be one of \[model_name, image_tag\]/,
      /"placement" must be one of \[environments, orchestrator\]/,
      /"perStagekeys" is not a field of a blueprint; did you mean "perStageKeys"\?/,
      /"version" is not a field of a blueprint; the version is taken from package\.json/,
    ],
  ],
  'a schema that is no function': [changed({ schema: 'KEYS' }), [/"schema" must be of type function/]],
  'a schema of something else': [
    changed({ schema: '() => ({ model_name: true })' }),
    [/^"schema" must return Joi\.object/],
  ],
  'a schema that throws': [
    changed({
      schema: `({ multiAccount }) => { if (multiAccount) throw new Error('one only'); return Joi.object(KEYS); }`,
    }),
    [
      /^"schema" does not work: one only \(with MULTI_ACCOUNT=Yes and USE_MODEL_REGISTRY=No; with MULTI_ACCOUNT=Yes and/,
    ],
  ],
  'a schema that takes other types': [
    schema('pipeline_type: Joi.string().required()'),
    [/must have the key pipeline_type, required, with hand_written as the only value/],
  ],
  'a schema without its name': [
    changed({ schema: `() => Joi.object({ pipeline_type: KEYS.pipeline_type, model_name: modelName() })` }),
    [/^"schema" must have the key model_name, required$/],
  ],
  'names that cannot be part of a stack’s': [
    schema('model_name: Joi.string().required()'),
    [/^"schema" accepts "with blank" as model_name/],
  ],
  'a schema that takes everything': [
    changed({ schema: `() => Joi.object(KEYS).unknown()` }),
    [/^"schema" must not allow unknown keys/],
  ],
  'keys that the schema does not have': [
    changed({ perStageKeys: `['size']`, runKeys: `['colour']` }),
    [/^"perStageKeys" has size, which "schema" does not/, /^"runKeys" has colour, which "schema" does not/],
  ],
  'keys per stage that take one value only': [
    changed({
      schema: `() => Joi.object({ ...KEYS, size: Joi.number() })`,
      example: `{ pipeline_type: 'hand_written', model_name: 'my-model', size: 1 }`,
      perStageKeys: `['size']`,
    }),
    [
      /^"perStageKeys" has size, but "schema" does not accept an object with one value per stage for it.*MULTI_ACCOUNT=Yes/,
    ],
  ],
  'keys per stage of what has no stages': [
    changed({ placement: `'orchestrator'`, perStageKeys: `['model_name']` }),
    [/"perStageKeys" must be empty with "placement": "orchestrator"/],
  ],
  'an example that is not valid': [
    changed({ example: `{ pipeline_type: 'hand_written', model_name: 'my_model', size: 1 }` }),
    [/^"example" is not valid: "model_name" /, /^"example" is not valid: "size" is not allowed$/],
  ],
  'an example that is valid in one account only': [
    changed({
      schema: `({ multiAccount }) => Joi.object({ ...KEYS, ...(multiAccount ? { size: Joi.required() } : {}) })`,
    }),
    [/^"example" is not valid: "size" is required \(with MULTI_ACCOUNT=Yes/],
  ],
  'a request that is no plain JSON': [
    schema('made: Joi.date().default(() => new Date(0))'),
    [/^"example", or its value validated by "schema", is not plain JSON/],
  ],
  'a request that is not valid twice': [
    schema(`half: Joi.number().default(1).custom((value) => value / 2)`),
    [/changes a request that it has already validated/],
  ],
  'a type that is built in': [
    changed({
      pipelineType: `'byom_image_builder'`,
      schema: `() => Joi.object({ ...KEYS, pipeline_type: pipelineType('byom_image_builder') })`,
      example: `{ pipeline_type: 'byom_image_builder', model_name: 'my-model' }`,
    }),
    [/^the pipeline type byom_image_builder is already used by a built-in blueprint; choose another$/],
  ],
  'a postfix that is built in': [
    changed({ namePostfix: `'modeltraining'` }),
    [/^the name postfix modeltraining is already used by model_training_builtin; choose another$/],
  ],
  'no program': [changed({ loadProgram: undefined }), [/"loadProgram" is required/]],
  'a program that cannot be loaded': [
    changed({ loadProgram: `() => import('./gone.js')` }),
    [/^"loadProgram" of hand_written fails: Cannot find module .*gone\.js/],
  ],
  'a program that is none': [
    changed({ loadProgram: `async () => ({ program: 1 })` }),
    [/^"loadProgram" of hand_written must give a function of context and request, not object$/],
  ],
};

describe('a custom blueprint', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => (folder = await temporaryFolder()));
  after(() => folder.remove());

  const load = (sources: readonly string[], from = folder.path): Promise<readonly CustomBlueprint[]> =>
    loadCustomBlueprints(sources, { from, examine: (located) => probeBlueprint(located, process.env) });

  it('is loaded with the version of its package.json', async () => {
    const source = await folderOf(join(folder.path, 'good'), index(handwritten()));
    const [found] = await load([source]);
    assert.deepEqual(found?.reasons, []);
    assert.deepEqual(found.pipelineTypes, ['hand_written']);
    assert.deepEqual([found.name, found.version], ['hand-written', '1.2.3']);
    assert.deepEqual(
      found.blueprints.map(({ pipelineType, version }) => [pipelineType, version]),
      [['hand_written', '1.2.3']],
    );
  });

  Object.entries(BROKEN).forEach(([what, [files, reasons]], number) => {
    it(`is refused for ${what}`, async () => {
      const source = await folderOf(join(folder.path, `broken-${number}`), files);
      const [found] = await load([source]);
      assert.deepEqual(found?.blueprints, []);
      assert.equal(found.reasons.length, reasons.length, found.reasons.join('\n'));
      reasons.forEach((reason, position) => assert.match(found.reasons[position] ?? '', reason));
    });
  });

  it('is refused where importing it never ends, and the process that tried is gone', async () => {
    const source = await folderOf(
      join(folder.path, 'hanging'),
      index('await new Promise((go) => setTimeout(go, 1e9));'),
    );
    const reasons = await probeBlueprint(locateBlueprint(source, '/'), process.env, 1_500);
    assert.deepEqual(reasons, ['importing it takes longer than 1.5 s']);
  });

  it('is refused where there is no such folder or package', async () => {
    const [missing, unknown] = await load(['./not-there', 'no-such-blueprint-package']);
    assert.match(missing?.reasons[0] ?? '', /^the folder .*not-there does not exist$/);
    assert.match(
      unknown?.reasons[0] ?? '',
      /^no package no-such-blueprint-package is installed in .*\.\/no-such-blueprint/,
    );
  });

  it('costs the others nothing: the first of two that clash is loaded, a broken one between them changes nothing', async () => {
    const sources = await Promise.all([
      folderOf(join(folder.path, 'first'), index(handwritten())),
      folderOf(join(folder.path, 'broken'), index('throw 1;')),
      folderOf(join(folder.path, 'second'), index(handwritten({ title: `'Second'` }))),
    ]);
    const [first, broken, second] = await load([...sources, generated('other-one', folder.path)]);
    assert.deepEqual(first?.reasons, []);
    assert.deepEqual(broken?.reasons, ['it cannot be imported: it threw 1']);
    assert.deepEqual(second?.reasons, [
      'the pipeline type hand_written is already used by a custom blueprint listed before this one; choose another',
    ]);
    assert.deepEqual(second.pipelineTypes, ['hand_written']);
  });

  it('may be several in one package, each with its own reasons', async () => {
    const two = `${handwritten().replace('export default', 'const one =')}
export default [one, { ...one, pipelineType: 'Other' }];`;
    const source = await folderOf(join(folder.path, 'two'), index(two));
    const [found] = await load([source]);
    assert.match(found?.reasons.join() ?? '', /^blueprint 2 of 2: "pipelineType" /);
  });
});
