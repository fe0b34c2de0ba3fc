/** esbuild plugins of cached-bundle.ts: where modules are, which parts they use, and what they load at run time. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

/** The service's folder. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** The entry files of a bundle, without their extension. */
export const OUTPUT = { main: 'main', switch: 'dead-mans-switch-thread' };

/** First line of every file of a bundle, which is as strict as the modules in it. */
export const BANNER = [
  "'use strict';",
  "const urlOfBundle = require('node:url').pathToFileURL, bundleUrl = urlOfBundle(__filename).href;",
  'const resolveOfBundle = (name) => urlOfBundle(require.resolve(name)).href;',
  'const requireLater = require, { keepCompiledCode: keepCompiledCodeOfBundle } = module;',
].join('');

/** Replaces `import.meta.url` in our own modules with the URL of the source instead of the bundle's. */
const MODULE_URL = '__moduleUrl';

export const IMPORT_META = { 'import.meta.url': MODULE_URL, 'import.meta.resolve': 'resolveOfBundle' };

/** An expression for the URL of a source, wherever the service is installed. */
function urlOf(source: string, outputFolder: string): string {
  return `new URL(${JSON.stringify(relative(outputFolder, source))},bundleUrl).href`;
}

/** Lets our own modules find the files next to them, such as the Lambda handlers. */
export function sourceUrls(outputFolder: string): Plugin {
  return {
    name: 'source-urls',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (path.includes('/node_modules/') || !text.includes('import.meta.url')) return undefined;
        // On the first line, so that line numbers stay as they are.
        return { contents: `const ${MODULE_URL} = ${urlOf(path, outputFolder)};${text}`, loader: 'ts' };
      });
    },
  };
}

/**
 * Replaces modules that would load something from outside the bundle at run time, with a second copy of the Pulumi SDK.
 * @param engineModule path of the module that `EngineSettings.module` will name
 */
export function fixedModules(engineModule: string, outputFolder: string): Plugin {
  const contents = new Map([
    [
      join(ROOT, 'automation/engine/engine-module.ts'),
      {
        resolveDir: ROOT,
        contents: `
          const inside = () => import(${JSON.stringify(engineModule)});
          export const loadEngineModule = async (module) =>
            module === ${urlOf(engineModule, outputFolder)} ? await inside() : await import(module);
          export const preloadEngineModule = inside;`,
      },
    ],
    [
      join(ROOT, 'automation/stacks/child/thread-entry.ts'),
      { contents: `export const SWITCH_THREAD = new URL('./${OUTPUT.switch}.bundle.cjs', bundleUrl);` },
    ],
    [
      join(ROOT, 'automation/stacks/bundle/compiled-code.ts'),
      { contents: 'export const keepCompiledCode = keepCompiledCodeOfBundle;' },
    ],
    // `laterModules` does it.
    [join(ROOT, 'automation/engine/later-modules.ts'), { contents: '' }],
    [
      join(ROOT, 'automation/engine/sdk-internals.ts'),
      {
        resolveDir: dirname(createRequire(import.meta.url).resolve('@pulumi/pulumi/automation')),
        contents: `
          import { CommandResult } from './cmd.js';
          import { createCommandError } from './errors.js';
          import semver from 'semver';
          export const sdkInternals = () => ({ CommandResult, createCommandError, semver });`,
      },
    ],
  ]);
  return {
    name: 'fixed-modules',
    setup(build) {
      build.onLoad(
        { filter: /(engine-module|thread-entry|later-modules|sdk-internals|compiled-code)\.ts$/ },
        ({ path }) => contents.get(path),
      );
    },
  };
}

/**
 * Pulumi needs these only to serialize JavaScript functions as Lambda functions, which no built-in blueprint does; together
 * they take half of the SDK's import time. Loaded on first use.
 * @see https://www.pulumi.com/docs/iac/concepts/functions/function-serialization/
 */
const LATER = /^(typescript|@npmcli\/arborist)$/;

export const laterModules: Plugin = {
  name: 'later-modules',
  setup(build) {
    build.onResolve({ filter: LATER }, ({ path }) => ({ path, namespace: 'later' }));
    build.onLoad({ filter: LATER, namespace: 'later' }, ({ path }) => ({
      contents: `
        let loaded;
        module.exports = new Proxy({}, {
          get: (_, name) => (name === '__esModule' ? true : (loaded ??= requireLater(${JSON.stringify(path)}))[name]),
        });`,
    }));
  },
};

const TRACE_AS_TEXT =
  /(Object\.defineProperty\(p, "_debugStackTrace", \{) writable: true, value: new Error\(\)\.stack \}/;

/**
 * The SDK writes out the stack trace of every promise that it makes, some dozen for each resource, in case one never settles:
 * a twenty-fifth of a deployment's CPU time. Here a trace becomes text when it is read.
 */
export const laterTraces: Plugin = {
  name: 'later-traces',
  setup(build) {
    build.onLoad({ filter: /@pulumi\/pulumi\/runtime\/debuggable\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        TRACE_AS_TEXT,
        'const trace = new Error(); $1 get: () => trace.stack }',
      ),
    }));
  },
};

const DEBUG = /^function debug\(.*\) \{$/m;

/**
 * The SDK sends the engine four to five debug messages for each resource, each a call of its own beside the one that registers
 * it, and the engine sends them back as events. Nothing here reads them: no operation runs with `--debug`.
 */
export const withoutDebugMessages: Plugin = {
  name: 'without-debug-messages',
  setup(build) {
    build.onLoad({ filter: /@pulumi\/pulumi\/log\/index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(DEBUG, (start) => `${start}\n    return Promise.resolve();`),
    }));
  },
};

const NATIVE_STRINGS = fileURLToPath(new URL('native-strings.cjs', import.meta.url));

export const nativeStrings: Plugin = {
  name: 'native-strings',
  setup(build) {
    build.onLoad({ filter: /node_modules\/google-protobuf\/google-protobuf\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nrequire(${JSON.stringify(NATIVE_STRINGS)})(exports);`,
    }));
  },
};

/** The folders whose code runs in the child and calls the AWS provider. */
const CALLERS = ['blueprints', 'automation/stacks/child'];

/**
 * Includes only those of the 250 modules of `@pulumi/aws` that our code names (`aws.sagemaker…`): the others are 20 MB that
 * every child would read at its start.
 */
export function usedAwsModules(): Plugin {
  const named = new Set(CALLERS.flatMap((folder) => sourcesIn(join(ROOT, folder))).flatMap(awsNames));
  return {
    name: 'used-aws-modules',
    setup(build) {
      build.onResolve({ filter: /^\.\/\w+$/ }, ({ path, importer, resolveDir }) => {
        const name = path.slice('./'.length);
        const isService = existsSync(join(resolveDir, name, 'index.js')) && name !== 'types' && name !== 'region';
        if (!importer.endsWith('@pulumi/aws/index.js') || !isService || named.has(name)) return undefined;
        return { path: name, namespace: 'unused-aws' };
      });
      build.onLoad({ filter: /.*/, namespace: 'unused-aws' }, ({ path }) => ({
        contents: `
          module.exports = new Proxy({ __esModule: true }, {
            get(target, name) {
              if (name in target) return target[name];
              throw new Error('aws.${path} is not in the bundle of the child: write it out as aws.${path}.<name>.');
            },
          });`,
      }));
    },
  };
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function awsNames(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/\baws\.(\w+)/g)].map(([, name]) => name ?? '');
}
