/**
 * Entry of a process that imports one custom blueprint and its program, and says what is wrong with it. Whatever else the
 * code does here (exit, hang, throw later on), it does to this process only.
 */
import { argv, cwd } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import '../engine/later-modules.ts';
import type { Blueprint } from '../../blueprints/blueprint.ts';
import { inWords, loadCustomBlueprints } from '../../blueprints/custom/load.ts';

/** What is sent to the parent, once. */
export interface ProbeResult {
  reasons: readonly string[];
}

async function probe(folder: string): Promise<ProbeResult> {
  const [found] = await loadCustomBlueprints([folder], { from: cwd() });
  if (!found || found.reasons.length > 0) return { reasons: found?.reasons ?? [] };
  const faults = await Promise.all(found.blueprints.map(programFault));
  return { reasons: faults.filter((fault) => fault !== undefined) };
}

async function programFault({ pipelineType, loadProgram }: Blueprint): Promise<string | undefined> {
  try {
    const program: unknown = await loadProgram?.();
    if (typeof program === 'function') return undefined;
    return `"loadProgram" of ${pipelineType} must give a function of context and request, not ${typeof program}`;
  } catch (error) {
    return `"loadProgram" of ${pipelineType} fails: ${inWords(error)}`;
  }
}

function answer(result: ProbeResult): void {
  process.send?.(result, () => process.disconnect());
}

// The parent is gone, so the result has no receiver.
process.on('disconnect', () => process.exit());
process.on('uncaughtException', (error: unknown) =>
  answer({ reasons: [`it throws where nothing can catch it: ${inWords(error)}`] }),
);
const result = await probe(argv[2] ?? '');
// An unhandled rejection ends a process only after the current tick: it must end this one, not the service.
await setImmediate();
answer(result);
