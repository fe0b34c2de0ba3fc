import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { builtInFrameworks, builtInImage, builtInVersions } from '../../../blueprints/shared/aws/images.ts';
import { body, onlyFault } from './requests.ts';

/** The provider's closed list of repositories, as its type declarations tell it. */
function lookupRepositories(): Set<string> {
  const file = new URL('../../../node_modules/@pulumi/aws/sagemaker/getPrebuiltEcrImage.d.ts', import.meta.url);
  const [, values = ''] = /Values include (.*?)\.\n/.exec(readFileSync(file, 'utf8')) ?? [];
  return new Set([...values.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

describe('built-in images', () => {
  it('are all in registries that the provider can look up', () => {
    const known = lookupRepositories();
    assert.ok(known.size > 50);
    for (const framework of builtInFrameworks()) {
      for (const version of builtInVersions(framework)) {
        const image = builtInImage(framework, version);
        assert.ok(image && known.has(image.lookupRepository), `${framework} ${version}`);
      }
    }
  });

  it('are those of the original', () => {
    const single = builtInFrameworks().filter((name) => builtInVersions(name).join() === '1');
    assert.equal(single.length, 16);
    for (const version of ['1', 'latest', '0.90-1', '0.90-2', '1.0-1', '1.2-1', '1.2-2', '1.3-1', '1.5-1', '1.7-1']) {
      assert.ok(builtInImage('xgboost', version), version);
    }
  });

  const expected: [string, string, string, string][] = [
    ['xgboost', '1', 'xgboost:1', 'blazingtext'],
    ['xgboost', 'latest', 'xgboost:latest', 'blazingtext'],
    ['xgboost', '1.0-1', 'sagemaker-xgboost:1.0-1-cpu-py3', 'sagemaker-xgboost'],
    ['xgboost', '1.7-1', 'sagemaker-xgboost:1.7-1', 'sagemaker-xgboost'],
    ['forecasting-deepar', '1', 'forecasting-deepar:1', 'forecasting-deepar'],
    ['kmeans', '1', 'kmeans:1', 'kmeans'],
    ['sklearn', '1.2-1', 'sagemaker-scikit-learn:1.2-1-cpu-py3', 'sagemaker-scikit-learn'],
    ['sparkml-serving', '3.3', 'sagemaker-sparkml-serving:3.3', 'sagemaker-sparkml-serving'],
    ['xgboost-neo', 'latest', 'xgboost-neo:latest', 'xgboost-neo'],
    ['djl-lmi', '0.29.0', 'djl-inference:0.29.0-lmi11.0.0-cu124', 'djl-inference'],
  ];
  for (const [framework, version, image, lookup] of expected) {
    it(`finds ${framework} ${version} as ${image} in the registry of ${lookup}`, () => {
      const { repositoryName, imageTag, lookupRepository } = builtInImage(framework, version)!;
      assert.equal(`${repositoryName}:${imageTag}`, image);
      assert.equal(lookupRepository, lookup);
    });
  }

  it('does not know what there is not', () => {
    assert.equal(builtInImage('xgboost', '2'), undefined);
    assert.equal(builtInImage('constructor', '1'), undefined);
    assert.deepEqual(builtInVersions('__proto__'), []);
  });

  it('are all listed for an unknown framework, with the nearest', () => {
    const { allowed, message } = onlyFault(body('byom_realtime_builtin', { model_framework: 'xgbost' }));
    assert.deepEqual(allowed, builtInFrameworks());
    assert.match(message, /did you mean "xgboost"\?$/);
  });

  it('are all listed for an unknown version, with the nearest', () => {
    const { allowed, message } = onlyFault(body('byom_realtime_builtin', { model_framework_version: '1.7.1' }));
    assert.deepEqual(allowed, builtInVersions('xgboost'));
    assert.match(message, /^must be one of 1, latest, .*; did you mean "1\.7-1"\?$/);
  });
});
