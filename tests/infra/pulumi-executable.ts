/**
 * The sandbox's `pulumi` on the project, with backend and stack settings in a separate folder, on the engine under test
 * (`SANDBOX_ENGINE`). The project's file is copied there: a real CLI writes the stack's settings beside it.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { ResourceState } from '../../sandbox/engine/state.ts';
import { isRealEngine } from '../support/engine.ts';
import { leanPrograms } from '../support/lean-programs.ts';
import { runSandboxPulumi } from '../support/sandbox-pulumi.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROJECT = 'mlops-workload-orchestrator';
const LARGEST_OUTPUT = 64 * 1024 * 1024;

export interface Outcome {
  code: number;
  output: string;
}

export class PulumiExecutable {
  readonly #home: string;
  readonly #stack: string;

  constructor(home: string, stack: string) {
    this.#home = home;
    this.#stack = stack;
  }

  get settingsFile(): string {
    return join(this.#home, `Pulumi.${this.#stack}.yaml`);
  }

  /** Copies the project, with its program where it is. */
  async initialize(): Promise<void> {
    const project = await readFile(join(ROOT, 'Pulumi.yaml'), 'utf8');
    const copy = project.replace(/^main: (.*)$/m, (_line, main: string) => `main: ${join(ROOT, main)}`);
    await writeFile(join(this.#home, 'Pulumi.yaml'), copy);
    await this.must('stack', 'init');
  }

  /**
   * Runs a command on the stack, in this process and with a program that starts fast where the engine is the simulated one.
   * @returns what it printed, and its exit code
   */
  async run(...args: string[]): Promise<Outcome> {
    if (isRealEngine()) return await this.execute(...args);
    const env = { ...this.#env(), NODE_OPTIONS: leanPrograms() };
    const { code, stdout, stderr } = await runSandboxPulumi([...args, '--stack', this.#stack], this.#home, env);
    return { code, output: stdout + stderr };
  }

  /** Runs it through the executable. */
  async execute(...args: string[]): Promise<Outcome> {
    const options = { cwd: this.#home, maxBuffer: LARGEST_OUTPUT, env: this.#env() };
    const command = [...args, '--stack', this.#stack];
    return await promisify(execFile)(join(ROOT, 'sandbox/bin/pulumi'), command, options).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({
        code: error.code,
        output: error.stdout + error.stderr,
      }),
    );
  }

  #env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      PULUMI_BACKEND_URL: pathToFileURL(this.#home).href,
      PULUMI_CONFIG_PASSPHRASE: 'x',
      AWS_REGION: 'us-east-1',
      SANDBOX_SPEED: '0',
    };
  }

  /** `up` or `destroy`, without asking. */
  async operate(operation: 'up' | 'destroy'): Promise<Outcome> {
    return await this.run(operation, '--yes', '--skip-preview');
  }

  /** @throws where the command fails */
  async must(...args: string[]): Promise<string> {
    const { code, output } = await this.run(...args);
    if (code !== 0) throw new Error(`pulumi ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  /** The state on disk, as text: secrets are ciphertext in it. */
  async stateText(): Promise<string> {
    return await readFile(join(this.#home, '.pulumi', 'stacks', PROJECT, `${this.#stack}.json`), 'utf8');
  }

  async resources(): Promise<ResourceState[]> {
    const { checkpoint } = JSON.parse(await this.stateText()) as {
      checkpoint: { latest?: { resources?: ResourceState[] } };
    };
    return checkpoint.latest?.resources ?? [];
  }

  /** What is left in the sandbox's accounts: how many of each type, such as `s3/Bucket`. */
  async cloud(): Promise<Record<string, number>> {
    const { glob } = await import('node:fs/promises');
    const counts: Record<string, number> = {};
    for await (const file of glob('*/*/*/*/*.json', { cwd: join(this.#home, 'aws') })) {
      const { deletedUntil } = JSON.parse(await readFile(join(this.#home, 'aws', file), 'utf8')) as {
        deletedUntil?: number;
      };
      const type = file.split('/').slice(2, 4).join('/');
      if (deletedUntil === undefined) counts[type] = (counts[type] ?? 0) + 1;
    }
    return counts;
  }
}
