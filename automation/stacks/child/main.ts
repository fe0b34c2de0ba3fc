/** Entry of a child process: one stack operation, then the end. Compiled code is cached, so that a start is cheap. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
void serve();

async function serve(): Promise<void> {
  await import('../../engine/later-modules.ts');
  const { serveOneOperation } = await import('./serve.ts');
  const { loadProgram } = await import('./load-program.ts');
  await serveOneOperation(loadProgram);
}
