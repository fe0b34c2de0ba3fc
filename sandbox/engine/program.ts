import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ClientUnaryCall, ServiceError } from '@grpc/grpc-js';
import { credentials, status } from '@grpc/grpc-js';
import { LanguageRuntimeClient } from '@pulumi/pulumi/proto/language_grpc_pb.js';
import type { RunRequest, RunResponse } from '@pulumi/pulumi/proto/language_pb.js';
import languageProto from '@pulumi/pulumi/proto/language_pb.js';
import { codec } from '../message-fields.ts';
import type { NodeCommand, NodeRun } from '../node-program.ts';
import { failureOf, nodeCommand } from '../node-program.ts';
import { contextFields } from '../provider-messages.ts';
import { CliError } from './cli-error.ts';
import type { DeploymentOptions } from './deployment-options.ts';
import { contextOf } from './deployment-options.ts';
import type { Project } from './stack-settings.ts';
import { rootUrn } from './urn.ts';

/** A program failed. The message is empty if the program has already reported the error. */
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
  /** @returns undefined if the program succeeded */
  run(addresses: EngineAddresses, options: DeploymentOptions): Promise<ProgramFailure | undefined>;
  /** Waits for the program to end, and kills it after so many milliseconds. */
  stop(graceMs: number): Promise<void>;
}

const runRequest = codec(languageProto.RunRequest, contextFields);

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
    const request = runRequest.write(contextOf(options)) as RunRequest;
    request.setPwd(options.directory);
    request.setProgram('.');
    request.setArgsList([addresses.engine]);
    request.setMonitorAddress(addresses.monitor);
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

  /** @throws CliError if the project is not a Node program */
  constructor(project: Project, env: Record<string, string | undefined>) {
    if (project.runtime !== 'nodejs') {
      throw new CliError(`the sandbox engine runs Node programs only, not runtime '${project.runtime}'`);
    }
    this.#project = project;
    this.#env = env;
  }

  run(addresses: EngineAddresses, options: DeploymentOptions): Promise<ProgramFailure | undefined> {
    const { directory, main, runtimeOptions } = this.#project;
    const { args, cwd, env } = this.#command({
      ...addresses,
      directory,
      ...(main === undefined ? {} : { main }),
      runtimeOptions,
      ...contextOf(options),
    });
    const child = spawn(process.execPath, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...this.#env, ...env },
    });
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
        const failure = failureOf(code, signal);
        done(
          failure
            ? { message: `an unhandled error occurred: ${failure}` }
            : failure === ''
              ? { message: '' }
              : undefined,
        );
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

  #command(run: NodeRun): NodeCommand {
    try {
      return nodeCommand(run);
    } catch (error) {
      throw new CliError((error as Error).message, { cause: error });
    }
  }
}
