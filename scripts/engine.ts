/**
 * `npm run engine`: builds the Pulumi CLI that tools/pulumi/go.mod pins, for tests and the sandbox on machines without one, and
 * the language host for YAML of tools/pulumi-yaml. Builds are kept outside the checkout, so that a clean clone finds them again.
 * Without Go it says so and exits with 0.
 */
import { createHash } from 'node:crypto';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, link, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import cliProgress from 'cli-progress';
import { BUILT_CLI_ROOT, CLI_MODULE, YAML_MODULE, pinnedCliVersion, pinnedYamlVersion } from '../sandbox/built-cli.ts';

/** A program of a Go module in tools/. */
interface Tool {
  /** For people. */
  title: string;
  /** Of the executable. */
  name: string;
  /** Folder of go.mod. */
  module: string;
  /** What is compiled. */
  package: string;
  version: string;
  /** Go variable that is set to the version: the program then says it when called with `version`. */
  versionVariable?: string;
  /** Of the first build. */
  cost: string;
}

const CLI: Tool = {
  title: 'Pulumi CLI',
  name: 'pulumi',
  module: CLI_MODULE,
  package: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
  version: await pinnedCliVersion(),
  versionVariable: 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version',
  cost: 'about 9 processor minutes and 2 GB of disk',
};
const YAML_HOST: Tool = {
  title: 'Pulumi language host for YAML',
  name: 'pulumi-language-yaml',
  module: YAML_MODULE,
  package: 'github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml',
  version: await pinnedYamlVersion(),
  cost: 'about 3 processor minutes',
};
/** A list of stale packages, or the output of a failed build. */
const LARGEST_OUTPUT = 64 * 1024 * 1024;
/** Share of the packages between two lines of progress where the output is no terminal. */
const LINES_OF_PROGRESS = 10;

const run = promisify(execFile);
const say = (line: string) => process.stdout.write(`${line}\n`);

const targetOf = ({ name }: Tool) => join(BUILT_CLI_ROOT, 'bin', name);

try {
  for (const tool of [CLI, YAML_HOST]) await provide(tool);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function provide(tool: Tool): Promise<void> {
  const { title, version } = tool;
  const cached = join(await cacheFolder(tool), tool.name);
  if (await answers(cached, tool)) {
    await place(cached, tool);
    say(`${title} ${version} is in tools/pulumi/bin (built before, kept in ${cached}).`);
    return;
  }
  const go = await run('go', ['version']).catch(() => undefined);
  if (go) return await build(tool, cached, go.stdout.trim());
  say(`SKIPPED: the ${title} ${version} was not built, because there is no Go on the PATH.`);
  say('Install Go from https://go.dev/dl/, or a Pulumi CLI: https://www.pulumi.com/docs/iac/download-install/');
}

async function build(tool: Tool, cached: string, go: string): Promise<void> {
  const { title, version, cost } = tool;
  say(`Building the ${title} ${version} from the Go module proxy, with ${go}.`);
  say(`The first build takes ${cost}; later ones come from Go’s build cache.`);
  const begun = performance.now();
  const packages = await stalePackages(tool);
  const partial = `${cached}.${process.pid}`;
  await mkdir(join(cached, '..'), { recursive: true });
  try {
    await compile(tool, partial, packages);
    // Not before it is complete: another process may look for it at this moment.
    await rename(partial, cached);
  } finally {
    await rm(partial, { force: true });
  }
  if (!(await answers(cached, tool))) throw new Error(`${cached} does not say that it is ${version}.`);
  await place(cached, tool);
  const { size } = await stat(cached);
  const seconds = Math.round((performance.now() - begun) / 1_000);
  say(
    `${title} ${version}: ${Math.round(size / 1e6)} MB in tools/pulumi/bin, built in ${seconds} s, kept in ${cached}.`,
  );
}

/** How many packages the build is going to compile: it names each when it begins with it. */
async function stalePackages(tool: Tool): Promise<number> {
  const args = ['list', '-deps', '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', tool.package];
  const { stdout } = await run('go', args, { cwd: tool.module, maxBuffer: LARGEST_OUTPUT });
  return stdout.split('\n').filter((line) => line !== '').length;
}

async function compile(tool: Tool, output: string, packages: number): Promise<void> {
  const flags = `-s -w${tool.versionVariable ? ` -X ${tool.versionVariable}=${tool.version}` : ''}`;
  const child = spawn('go', ['build', '-v', '-ldflags', flags, '-o', output, tool.package], {
    cwd: tool.module,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const progress = makeProgress(packages);
  const complaints: string[] = [];
  createInterface(child.stderr).on('line', (line) => {
    if (/^[a-z0-9.-]+(\/[\w.~+-]+)*$/i.test(line)) progress.step();
    else complaints.push(line);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  progress.stop();
  if (code !== 0) throw new Error(`go build ended with ${String(code)}:\n${complaints.join('\n')}`);
}

function makeProgress(total: number): { step(): void; stop(): void } {
  if (process.stdout.isTTY) {
    const bar = new cliProgress.SingleBar({ format: ' {bar} {value}/{total} packages  {duration_formatted}' });
    bar.start(total, 0);
    return { step: () => bar.increment(), stop: () => bar.stop() };
  }
  let done = 0;
  const every = Math.max(1, Math.floor(total / LINES_OF_PROGRESS));
  return {
    step() {
      done++;
      if (done % every === 0) say(`  ${done}/${total} packages`);
    },
    stop: () => undefined,
  };
}

async function answers(file: string, { version, versionVariable }: Tool): Promise<boolean> {
  if (!versionVariable) {
    return await access(file).then(
      () => true,
      () => false,
    );
  }
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  const answer = await run(file, ['version'], { env }).catch(() => undefined);
  return answer?.stdout.trim() === version;
}

async function place(cached: string, tool: Tool): Promise<void> {
  await mkdir(join(BUILT_CLI_ROOT, 'bin'), { recursive: true });
  await rm(targetOf(tool), { force: true });
  // One copy on disk where the cache is on the same file system.
  await link(cached, targetOf(tool)).catch(() => copyFile(cached, targetOf(tool)));
}

/** Named by everything that decides what comes out. */
async function cacheFolder({ name, module, version }: Tool): Promise<string> {
  const sums = await readFile(join(module, 'go.sum'));
  const digest = createHash('sha256').update(sums).digest('hex').slice(0, 12);
  const root = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(root, 'mlops-workload-orchestrator', `${name}-${version}-${process.platform}-${process.arch}-${digest}`);
}
