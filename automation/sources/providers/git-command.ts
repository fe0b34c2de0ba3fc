/**
 * Runs git: no shell, arguments as a list, a deadline after which its whole process group is killed, and an environment
 * without user or system git configuration and without password prompts.
 */
import { spawn } from 'node:child_process';
import type { SourceSettings } from '../../config/source-settings.ts';
import { SourceUnavailable } from '../source.ts';

/** A shallow fetch of a large repository over a slow line. */
const DEADLINE_MS = 120_000;
/** More than the lines of a branch or the largest configuration file. */
const OUTPUT_BYTES = 2_097_152;
const ERROR_TEXT_LENGTH = 300;

/** What git and ssh need of the service's own environment: where things are, and which proxy leads out. */
const PASSED_ON = /^(PATH|HOME|TMPDIR|SSH_AUTH_SOCK|SSL_CERT_(FILE|DIR)|GIT_SSL_CAINFO|https?_proxy|no_proxy)$/i;

export class GitCommand {
  readonly #settings: SourceSettings['git'];
  readonly #env: NodeJS.ProcessEnv;
  readonly #stopped: AbortSignal;
  readonly #deadlineMs: number;

  /**
   * @param env the service's environment, of which little is passed on
   * @param stopped ends what is running
   */
  constructor(
    settings: SourceSettings['git'],
    env: NodeJS.ProcessEnv,
    stopped: AbortSignal,
    deadlineMs: number = DEADLINE_MS,
  ) {
    this.#settings = settings;
    this.#env = Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
    this.#stopped = stopped;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * @param args the subcommand first; values from outside belong behind `--` and are checked by {@link value}
   * @param options `remote`: the credentials are for this one; `cwd`: the repository
   * @returns standard output
   * @throws SourceUnavailable with git's own words
   */
  async run(args: readonly string[], options: { remote?: string; cwd?: string } = {}): Promise<Buffer> {
    const [subcommand = ''] = args;
    const child = spawn('git', args, {
      cwd: options.cwd,
      env: this.#environment(options.remote),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A separate process group: git delegates network access to children, which would outlive it.
      detached: true,
    });
    const limits = AbortSignal.any([this.#stopped, AbortSignal.timeout(this.#deadlineMs)]);
    let tooMuch = false;
    const kill = () => killGroup(child.pid);
    const output: Buffer[] = [];
    let length = 0;
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= OUTPUT_BYTES) output.push(chunk);
      else {
        tooMuch = true;
        kill();
      }
    });
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(0, ERROR_TEXT_LENGTH)));
    limits.addEventListener('abort', kill, { once: true });
    if (limits.aborted) kill();
    try {
      const ended = await new Promise<number | string>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code, signal) => resolve(code ?? signal ?? ''));
      });
      if (tooMuch) throw new SourceUnavailable(`git ${subcommand} gave more than ${OUTPUT_BYTES} bytes`);
      if (limits.aborted) {
        throw new SourceUnavailable(
          `git ${subcommand} was ended after ${this.#deadlineMs / 1_000} s, or with the service`,
        );
      }
      if (ended !== 0)
        throw new SourceUnavailable(`git ${subcommand} failed (${ended}): ${errors.replace(/\s+/g, ' ').trim()}`);
      return Buffer.concat(output);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new SourceUnavailable('git is not installed, or not on the PATH', { cause: error });
    } finally {
      limits.removeEventListener('abort', kill);
    }
  }

  #environment(remote: string | undefined): NodeJS.ProcessEnv {
    const { username, password, sshKeyFile } = this.#settings;
    const key = sshKeyFile ? ` -oIdentitiesOnly=yes -i ${sshKeyFile}` : '';
    // Not on the command line, where every process of the machine could read it.
    const header = `Authorization: Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const config: [string, string][] = [
      // A redirect would forward the header to the other host.
      ['http.followRedirects', 'false'],
      ...(password && remote && /^https?:/.test(remote)
        ? [[`http.${remote}.extraHeader`, header] as [string, string]]
        : []),
    ];
    return {
      ...this.#env,
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: 'true',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      // Never `ext::`, which runs commands.
      GIT_ALLOW_PROTOCOL: 'https:http:ssh:file',
      GIT_SSH_COMMAND: `ssh -oBatchMode=yes${key}`,
      GIT_CONFIG_COUNT: String(config.length),
      ...Object.fromEntries(
        config.flatMap(([name, text], index) => [
          [`GIT_CONFIG_KEY_${index}`, name],
          [`GIT_CONFIG_VALUE_${index}`, text],
        ]),
      ),
    };
  }
}

/** @throws where git could take the text for an option */
export function value(text: string): string {
  if (text === '' || text.startsWith('-')) throw new Error(`"${text.slice(0, 50)}" is not a valid argument for git`);
  return text;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
