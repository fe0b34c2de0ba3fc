import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ClientUnaryCall, ServiceError } from '@grpc/grpc-js';
import { credentials, status } from '@grpc/grpc-js';
import { LanguageRuntimeClient } from '@pulumi/pulumi/proto/language_grpc_pb.js';
import type { RunResponse } from '@pulumi/pulumi/proto/language_pb.js';
import languageProto from '@pulumi/pulumi/proto/language_pb.js';
import { CliError } from './cli-error.ts';
import type { DeploymentOptions } from './deployment-options.ts';
import type { Project } from './stack-settings.ts';
import { rootUrn } from './urn.ts';

/** A program failed. Its message is empty where the program has said itself what was wrong. */
export interface ProgramFailure {
  message: string;
}

/** Where a program finds the services of the engine. */
export interface EngineAddresses {
  monitor: string;
  engine: string;
}

/** What registers resources. */
export interface Program {
  /** @returns undefined when the program came to a good end */
  run(addresses: EngineAddresses, options: DeploymentOptions): Promise<ProgramFailure | undefined>;
  /** Waits for the program's end, and makes an end of it after so many milliseconds. */
  stop(graceMs: number): Promise<void>;
}

/** The exit code by which a Node program says that it has reported its error itself (see `@pulumi/pulumi/cmd/run`). */
const REPORTED_EXIT_CODE = 32;

/** A program inside the process that called the engine: the Automation API's inline programs. */
export class InlineProgram implements Program {
  readonly #client: LanguageRuntimeClient;
  #call?: ClientUnaryCall;
  #ended: Promise<unknown> = Promise.resolve();

  /** @param address of the `LanguageRuntime` service */
  constructor(address: string) {
    this.#client = new LanguageRuntimeClient(address, credentials.createInsecure());
  }

  run(addresses: EngineAddresses, options: DeploymentOptions): Promise<ProgramFailure | undefined> {
    const request = new languageProto.RunRequest();
    request.setProject(options.project);
    request.setStack(options.stack);
    request.setOrganization('organization');
    request.setPwd(options.directory);
    request.setProgram('.');
    request.setArgsList([addresses.engine]);
    request.setMonitorAddress(addresses.monitor);
    request.setDryrun(options.preview);
    request.setParallel(options.parallel);
    for (const [key, { value, secret }] of Object.entries(options.config)) {
      request.getConfigMap().set(key, value);
      if (secret) {
        request.addConfigsecretkeys(key);
      }
    }
    const ended = new Promise<ProgramFailure | undefined>((done) => {
      this.#call = this.#client.run(request, (error: ServiceError | null, response: RunResponse | undefined) => {
        if (error !== null) {
          done({ message: error.code === status.CANCELLED ? '' : error.details });
        } else if (response?.getBail() === true) {
          done({ message: '' });
        } else if (response !== undefined && response.getError() !== '') {
          done({ message: `an unhandled error occurred: ${response.getError()}` });
        } else {
          done(undefined);
        }
      });
    });
    this.#ended = ended;
    return ended;
  }

  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#call?.cancel(), graceMs);
    await this.#ended;
    clearTimeout(timer);
    this.#client.close();
  }
}

/** A program of its own: run with Node the way Pulumi's language host for Node does. */
export class NodeProgram implements Program {
  readonly #project: Project;
  readonly #env: Record<string, string | undefined>;
  #child?: ChildProcess;
  #ended: Promise<unknown> = Promise.resolve();

  /** @throws CliError where the project is not a Node program */
  constructor(project: Project, env: Record<string, string | undefined>) {
    if (project.runtime !== 'nodejs') {
      throw new CliError(`the sandbox engine runs Node programs only, not runtime '${project.runtime}'`);
    }
    this.#project = project;
    this.#env = env;
  }

  run(addresses: EngineAddresses, options: DeploymentOptions): Promise<ProgramFailure | undefined> {
    const { directory, main, runtimeOptions } = this.#project;
    const entry = resolve(directory, main ?? '.');
    const isFile = statSync(entry, { throwIfNoEntry: false })?.isFile() === true;
    const pwd = isFile ? dirname(entry) : entry;
    const plain = Object.fromEntries(Object.entries(options.config).map(([key, { value }]) => [key, value]));
    const secretKeys = Object.keys(options.config).filter((key) => options.config[key]?.secret === true);
    const nodeArguments = runtimeOptions['nodeargs'];
    const child = spawn(
      process.execPath,
      [
        ...(typeof nodeArguments === 'string' ? nodeArguments.split(' ').filter(Boolean) : []),
        resolveRunner(pwd),
        `--monitor=${addresses.monitor}`,
        `--engine=${addresses.engine}`,
        '--organization=organization',
        `--project=${options.project}`,
        `--root-directory=${directory}`,
        `--stack=${options.stack}`,
        `--pwd=${pwd}`,
        ...(options.preview ? ['--dry-run'] : []),
        `--parallel=${options.parallel}`,
        isFile ? entry : '.',
      ],
      {
        cwd: pwd,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...this.#env,
          PULUMI_CONFIG: JSON.stringify(plain),
          PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
          ...(runtimeOptions['typescript'] !== false && { PULUMI_NODEJS_TYPESCRIPT: 'true' }),
        },
      },
    );
    this.#child = child;
    const root = rootUrn(options.stack, options.project);
    const report = (stream: Readable, severity: 'info' | 'info#err'): void => {
      createInterface({ input: stream }).on('line', (line) =>
        options.events.diagnostic({ severity, message: `${line}\n`, urn: root }),
      );
    };
    report(child.stdout, 'info');
    report(child.stderr, 'info#err');
    const ended = new Promise<ProgramFailure | undefined>((done) => {
      child.on('error', (error) => done({ message: `could not start the program: ${error.message}` }));
      child.on('close', (code, signal) => {
        if (code === 0) {
          done(undefined);
        } else if (code === REPORTED_EXIT_CODE) {
          done({ message: '' });
        } else {
          const how = code === null ? `was ended by ${signal}` : `exited with non-zero exit code: ${code}`;
          done({ message: `an unhandled error occurred: Program ${how}` });
        }
      });
    });
    this.#ended = ended;
    return ended;
  }

  async stop(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }
}

/** The SDK's own runner, as the program sees it: both must be the same copy of the SDK. */
function resolveRunner(directory: string): string {
  try {
    return createRequire(join(directory, 'index.js')).resolve('@pulumi/pulumi/cmd/run');
  } catch (error) {
    throw new CliError(
      `the program in ${directory} cannot find the Pulumi SDK: run \`npm install\` there (@pulumi/pulumi is missing)`,
      { cause: error },
    );
  }
}
