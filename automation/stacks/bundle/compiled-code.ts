/** What this process has compiled, for the next ones. In a bundle, run-bundle.cjs does it (plugins.ts). */
import { flushCompileCache } from 'node:module';

/** For processes that are killed: they would never write it. @param _stage what the process has done so far */
export function keepCompiledCode(_stage: 'started' | 'worked'): void {
  flushCompileCache();
}
