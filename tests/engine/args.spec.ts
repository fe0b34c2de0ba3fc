/** Command lines are taken apart as the CLI's own library does. */
import assert from 'node:assert/strict';
import type { FlagSet } from '../../sandbox/engine/args.ts';
import { parseCommandLine } from '../../sandbox/engine/args.ts';

const FLAGS: FlagSet = { yes: 'boolean', json: 'boolean', target: 'list', message: 'string', file: 'string' };

const parsed = (...args: string[]) => {
  const { positional, sequence } = parseCommandLine(args, FLAGS, { f: 'file' });
  return { positional, flags: sequence.map(({ name, value }) => `${name}=${value}`) };
};

describe('a command line of the sandbox engine', () => {
  it('may spell a value in every way', () => {
    for (const args of [['--stack', 'dev'], ['--stack=dev'], ['-s', 'dev'], ['-s=dev'], ['-sdev']]) {
      assert.deepEqual(parsed(...args), { positional: [], flags: ['stack=dev'] }, args.join(' '));
    }
  });

  it('has switches that are on, off, or several in one', () => {
    assert.deepEqual(parsed('-yj').flags, ['yes=true', 'json=true']);
    assert.deepEqual(parsed('--yes', '--json=false', '-y=false').flags, ['yes=true', 'json=false', 'yes=false']);
  });

  it('keeps the order of flags, values that begin with a dash, and what follows two dashes', () => {
    assert.deepEqual(parsed('a', '-t', 'x', '-f', '-', '--target=y=z', '--message', '-m', '--', '--yes', '-s=b'), {
      positional: ['a', '--yes', '-s=b'],
      flags: ['target=x', 'file=-', 'target=y=z', 'message=-m'],
    });
  });

  it('is refused with the CLI’s words', () => {
    assert.throws(() => parsed('--nope'), { message: 'unknown flag: --nope' });
    assert.throws(() => parsed('-x'), { message: "unknown shorthand flag: 'x' in -x" });
    assert.throws(() => parsed('--message'), { message: 'flag needs an argument: --message' });
    assert.throws(() => parsed('--toString'), { message: 'unknown flag: --toString' });
  });
});
