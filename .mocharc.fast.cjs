'use strict';

// For work in progress: whatever needs no process beside the test's own.
const all = require('./.mocharc.cjs');

const FOLDERS = [
  'aws',
  'cli',
  'console',
  'custom-blueprints',
  'e2e',
  'faults',
  'platform',
  'sources',
  'stacks',
  'workflows',
];
const FILES = [
  'api/fuzz/fuzz',
  'api/shared-limits',
  'api/start-failures',
  'components/image-builder-buildspec',
  'components/image-builder-updates',
  'components/realtime-updates',
  'engine/build',
  'engine/commands',
  'engine/engine-choice',
  'engine/failures',
  'engine/inline-programs',
  'engine/later-modules',
  'engine/parity/parity',
  'engine/providers',
  'environments/roll-out',
  'handlers/lambda-bundle',
  'infra/dockerfile',
  'infra/program',
  'package/construct',
  'package/program',
  'package/yaml',
  'sandbox-aws/changes',
  'sandbox-aws/functions-run',
  'sandbox-aws/http-gateway',
  'sandbox-aws/processes',
];

module.exports = {
  ...all,
  ignore: [...FOLDERS.map((folder) => `tests/${folder}/**`), ...FILES.map((file) => `tests/${file}.spec.ts`)],
  require: [...all.require, 'tests/support/no-processes.ts'],
};
