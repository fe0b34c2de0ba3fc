/** `mlops` in the process of the test: what it prints, and its exit code, without the time that a process takes to start. */
import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../cli/mlops/program.ts';
import type { Run } from './mlops-process.ts';

export async function mlopsHere(args: readonly string[], url: string, stdin = ''): Promise<Run> {
  const stdout = new Collected();
  const stderr = new Collected();
  const streams = { stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]), stdout, stderr };
  const code = await runCommandLine([...args, '--url', url], streams);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
