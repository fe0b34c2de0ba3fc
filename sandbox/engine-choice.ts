/**
 * Which engine a sandbox runs its stacks on: a real Pulumi CLI with the sandbox AWS attached, or the simulation of one; and
 * where each keeps its state, so that the two never mix. Called once, at the start of a sandbox.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EngineChoice } from '../automation/config/config.ts';
import { environment } from '../automation/config/process-environment.ts';
import { CLI_VARIABLES, findInstalledCli } from '../automation/engine/cli.ts';
import { judgeVersion } from '../automation/engine/version.ts';
import { BUILT_CLI_ROOT } from './built-cli.ts';
import type { WantedEngine } from './config.ts';
import { SandboxConfigError } from './config.ts';

export type EngineName = Exclude<WantedEngine, 'auto'>;

export interface ChosenEngine extends EngineChoice {
  name: EngineName;
  /** One line for people. */
  description: string;
}

/** A CLI that takes longer to print its version would make every operation slow. */
const AUTO_PATIENCE_MS = 1_000;
/** The npm package downloads the CLI when it is first used. */
const FIRST_USE_MS = 180_000;

/**
 * @param path the PATH to search for a CLI
 * @param builtRoot of the CLI that comes after it: the one that `npm run engine` built
 * @throws SandboxConfigError if a real one is required and there is none, with how to get one
 */
export async function chooseEngine(
  wanted: WantedEngine,
  path: string,
  builtRoot = BUILT_CLI_ROOT,
): Promise<ChosenEngine> {
  if (wanted === 'simulated') return simulated('');
  const patience = wanted === 'auto' ? AUTO_PATIENCE_MS : FIRST_USE_MS;
  const reasons: string[] = [];
  for (const { root, executable } of await installedClis(path, builtRoot)) {
    const version = await versionOf(executable, path, patience);
    const verdict = version === undefined ? undefined : judgeVersion(version);
    if (verdict?.ok) return real(`${verdict.detail} (${executable})`, root);
    reasons.push(verdict?.detail ?? `${executable} did not say its version within ${patience / 1_000} s.`);
  }
  if (wanted === 'auto') {
    return simulated(reasons.join(' ') || 'there is no Pulumi CLI on the PATH, and "npm run engine" has built none');
  }
  const ofPackage = reasons.length === 0 ? await versionOf('pulumi', path, FIRST_USE_MS) : undefined;
  if (ofPackage !== undefined && judgeVersion(ofPackage).ok) {
    return real(`${judgeVersion(ofPackage).detail} (npm package)`);
  }
  const remedy = 'Build one with "npm run engine", or install it: https://www.pulumi.com/docs/iac/download-install/';
  throw new SandboxConfigError([
    ['"SANDBOX_ENGINE" is "real", but there is no Pulumi CLI that can be used.', ...reasons, remedy].join(' '),
  ]);
}

/** Those that need no download. */
async function installedClis(path: string, builtRoot: string): Promise<{ root?: string; executable: string }[]> {
  const installed = await findInstalledCli(path);
  const built = await findInstalledCli(join(builtRoot, 'bin'));
  return [
    ...(installed === undefined ? [] : [{ executable: join(installed, 'pulumi') }]),
    ...(built === undefined ? [] : [{ root: builtRoot, executable: join(built, 'pulumi') }]),
  ];
}

async function versionOf(executable: string, path: string, timeout: number): Promise<string | undefined> {
  const env = { ...environment(), ...CLI_VARIABLES, PATH: path };
  return await promisify(execFile)(executable, ['version'], { env, timeout }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

function real(what: string, root?: string): ChosenEngine {
  return {
    name: 'real',
    kind: 'cli',
    module: new URL('./child-cli-engine.ts', import.meta.url).href,
    description: `${what} and sandbox AWS (a simulation)`,
    ...(root === undefined ? {} : { root }),
  };
}

/** @param why there is no real one; empty if none was requested */
function simulated(why: string): ChosenEngine {
  return {
    name: 'simulated',
    kind: 'sandbox',
    module: new URL('./child-engine.ts', import.meta.url).href,
    description: `sandbox engine and sandbox AWS (a simulation)${why === '' ? '' : `, because ${why.replace(/\.$/, '')}`}`,
  };
}

/**
 * A home belongs to the engine that ran in it first; the other engine gets a folder inside it, named after the engine. State,
 * accounts and databases are separate: neither engine sees what the other deployed.
 * @param home of the sandbox; created if missing
 */
export async function homeOfEngine(home: string, engine: EngineName): Promise<string> {
  await mkdir(home, { recursive: true });
  // Homes from before there was a choice of engines have state but no marker.
  const hasState = (await readdir(home)).some((entry) => entry === 'aws' || entry === '.pulumi');
  const marker = join(home, 'engine');
  await writeFile(marker, `${hasState ? 'simulated' : engine}\n`, { flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const owner = (await readFile(marker, 'utf8')).trim();
  return owner === engine ? home : join(home, engine);
}
