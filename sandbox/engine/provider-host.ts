import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Provider, ProviderHost } from '../provider.ts';
import type { StackLookup } from './builtin-provider.ts';
import { BuiltinProvider } from './builtin-provider.ts';
import { CliError } from './cli-error.ts';
import type { EngineServer } from './engine-server.ts';
import { GrpcProvider } from './grpc-provider.ts';

/** Where providers come from, the first that fits: the engine itself, an attached process, the program's own, the host. */
export class EngineProviderHost implements ProviderHost {
  readonly #host: ProviderHost;
  readonly #lookup: StackLookup;
  readonly #attached: Map<string, string>;
  readonly #env: Record<string, string | undefined>;
  readonly #directory: string;
  readonly #engine: EngineServer;

  /**
   * @param options.directory the program's, where a dynamic provider finds the SDK
   * @param options.engine where providers in other processes log
   */
  constructor(
    host: ProviderHost,
    options: {
      lookup: StackLookup;
      env: Record<string, string | undefined>;
      directory: string;
      engine: EngineServer;
    },
  ) {
    const { lookup, env, directory, engine } = options;
    this.#host = host;
    this.#lookup = lookup;
    this.#attached = attachedProviders(env['PULUMI_DEBUG_PROVIDERS'] ?? '');
    this.#env = env;
    this.#directory = directory;
    this.#engine = engine;
  }

  async load(packageName: string, version: string): Promise<Provider> {
    if (packageName === 'pulumi') {
      return new BuiltinProvider(this.#lookup);
    }
    const port = this.#attached.get(packageName);
    if (port !== undefined) {
      return GrpcProvider.attach(`127.0.0.1:${port}`, await this.#engine.address());
    }
    if (packageName === 'pulumi-nodejs') {
      return this.#startDynamicProvider();
    }
    return this.#host.load(packageName, version);
  }

  /** Starts the SDK's server for resources that the program implements itself. */
  async #startDynamicProvider(): Promise<Provider> {
    const script = createRequire(join(this.#directory, 'index.js')).resolve('@pulumi/pulumi/cmd/dynamic-provider');
    const engine = await this.#engine.address();
    const child = spawn(process.execPath, [script, engine], {
      cwd: this.#directory,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const port = await firstLine(child);
      return await GrpcProvider.start(`127.0.0.1:${port}`, engine, () => child.kill());
    } catch (error) {
      child.kill();
      throw error;
    }
  }
}

/** A provider process prints its port on its first line. */
function firstLine(child: ChildProcess): Promise<string> {
  const { stdout } = child;
  if (stdout === null) {
    return Promise.reject(new Error('the provider has no output to read its port from'));
  }
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).once('line', (line) => resolve(line.trim()));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the provider ended with code ${code} before it named its port`)));
  });
}

/** @param text `package:port,package:port` @see https://www.pulumi.com/docs/iac/cli/environment-variables/ */
function attachedProviders(text: string): Map<string, string> {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return new Map(
    parts.map((part) => {
      const [name, port] = part.trim().split(':');
      if (name === undefined || port === undefined || !/^\d+$/.test(port)) {
        throw new CliError(`PULUMI_DEBUG_PROVIDERS: expected <package>:<port>, found '${part}'`);
      }
      return [name, port];
    }),
  );
}
