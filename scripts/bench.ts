/**
 * `npm run bench -- start|overhead|burst|recover|promote|idle|lists [--engine real|simulated]`: performance figures, measured
 * against a named baseline in one run. Default engine: simulated.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ChosenEngine } from '../sandbox/engine-choice.ts';
import { chooseEngine } from '../sandbox/engine-choice.ts';
import { burst } from './bench/burst.ts';
import { idle } from './bench/idle.ts';
import { lists } from './bench/lists.ts';
import { overhead } from './bench/overhead.ts';
import { childStart } from './bench/child-start.ts';
import { promote } from './bench/promote.ts';
import { recover } from './bench/recover.ts';

const BENCHMARKS: Record<string, (home: string, engine: ChosenEngine) => Promise<void>> = {
  start: childStart,
  overhead,
  burst,
  recover,
  promote,
  idle,
  lists,
};

interface Choice {
  benchmark: (typeof BENCHMARKS)[string];
  engine: 'real' | 'simulated';
}

/** @returns the reason if the arguments make no sense */
function chosen(): Choice | string {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { engine: { type: 'string', default: 'simulated' } },
    });
    const [name = '', ...more] = positionals;
    const benchmark = Object.hasOwn(BENCHMARKS, name) ? BENCHMARKS[name] : undefined;
    if (!benchmark) return name === '' ? 'Which benchmark?' : `There is no benchmark "${name}".`;
    if (more.length > 0) return `One benchmark at a time: "${more.join(' ')}" is too much.`;
    if (values.engine === 'real' || values.engine === 'simulated') return { benchmark, engine: values.engine };
    return `There is no engine "${values.engine}".`;
  } catch (error) {
    // parseArgs goes on with how to pass a value that begins with a dash, which no benchmark takes.
    return `${(error as Error).message.split('. ')[0]}.`;
  }
}

const choice = chosen();
if (typeof choice === 'string') {
  console.error(`${choice} Usage: npm run bench -- ${Object.keys(BENCHMARKS).join('|')} [--engine real|simulated]`);
  process.exitCode = 1;
} else {
  const engine = await chooseEngine(choice.engine, process.env.PATH ?? '');
  console.log(`engine: ${engine.description}`);
  // The sandbox and whatever else is started choose by it.
  process.env.SANDBOX_ENGINE = engine.name;
  const home = await mkdtemp(join(tmpdir(), 'mlops-bench-'));
  await chmod(home, 0o755);
  try {
    await choice.benchmark(home, engine);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
