/** Replaces Lambda's runtime: loads a function's module in a process of its own, and calls it once. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Assignment {
  codeDirectory: string;
  /** `module.export`. */
  handler: string;
  payload: unknown;
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

export type Report = { result: unknown } | { error: FunctionError };

process.once('message', (assignment: Assignment) => {
  void call(assignment).then((report) => process.send?.(report, () => process.exit()));
});

async function call({ codeDirectory, handler, payload }: Assignment): Promise<Report> {
  try {
    const [module = '', name = ''] = handler.split('.');
    const file = ['mjs', 'js', 'cjs'].map((kind) => join(codeDirectory, `${module}.${kind}`)).find(existsSync);
    if (!file) return { error: failure('Runtime.ImportModuleError', `Cannot find module '${module}'`) };
    const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    const run = loaded[name];
    if (typeof run !== 'function') {
      return { error: failure('Runtime.HandlerNotFound', `${handler} is undefined or not exported`) };
    }
    return { result: (await run(payload)) ?? null };
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error));
    return { error: failure(thrown.name, thrown.message, thrown.stack) };
  }
}

function failure(errorType: string, errorMessage: string, stack = ''): FunctionError {
  return { errorType, errorMessage, trace: stack.split('\n').map((line) => line.trim()) };
}
