/**
 * A language host for Node.js, for a real Pulumi CLI that has none, such as the one that `npm run engine` builds: the
 * `LanguageRuntime` gRPC service on loopback, which the CLI is pointed at with `PULUMI_DEBUG_LANGUAGES=nodejs:PORT`. It runs
 * programs that are no inline programs (`infra/`, the environments), policy packs and providers in source. Nothing is
 * installed: the providers of the sandbox are attached.
 * @see https://pulumi-developer-docs.readthedocs.io/latest/docs/architecture/languages.html
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ServerWritableStream, handleUnaryCall } from '@grpc/grpc-js';
import { credentials, status } from '@grpc/grpc-js';
import { EngineClient } from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import engineMessages from '@pulumi/pulumi/proto/engine_pb.js';
import languageServices from '@pulumi/pulumi/proto/language_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/language_pb.js';
import type * as pb from '@pulumi/pulumi/proto/language_pb.js';
import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import { environment } from '../automation/config/process-environment.ts';
import { codec } from './message-fields.ts';
import { failureOf, nodeCommand, resolveRunner } from './node-program.ts';
import { contextFields } from './provider-messages.ts';
import { createRpcServer, listen } from './rpc-server.ts';

export interface LanguageHost {
  readonly port: number;
  /** Ends running programs and the server. */
  close(): Promise<void>;
}

/** @returns once it can be called */
export async function serveLanguageHost(): Promise<LanguageHost> {
  const host = new NodeHost();
  const server = createRpcServer();
  server.addService(languageServices.LanguageRuntimeService, host.handlers());
  return {
    port: await listen(server),
    async close() {
      host.close();
      server.forceShutdown();
    },
  };
}

const context = codec(messages.RunRequest, contextFields);

class NodeHost {
  /** Of each CLI that is connected: a request to run a program does not say where its engine is. */
  readonly #engines = new Map<string, string>();
  readonly #children = new Set<ChildProcess>();

  handlers() {
    const handshake: handleUnaryCall<pb.LanguageHandshakeRequest, pb.LanguageHandshakeResponse> = (call, answer) => {
      this.#engines.set(call.getPeer(), call.request.getEngineAddress());
      answer(null, new messages.LanguageHandshakeResponse());
    };
    const getPluginInfo: handleUnaryCall<unknown, unknown> = (_call, answer) => {
      const info = new pluginMessages.PluginInfo();
      info.setVersion('1.0.0');
      answer(null, info);
    };
    const getRequiredPackages: handleUnaryCall<unknown, unknown> = (_call, answer) =>
      answer(null, new messages.GetRequiredPackagesResponse());
    const run: handleUnaryCall<pb.RunRequest, pb.RunResponse> = (call, answer) => {
      this.#run(call.request, this.#engines.get(call.getPeer()) ?? '', (kill) => call.on('cancelled', kill)).then(
        (response) => answer(null, response),
        (error: Error) => answer({ code: status.UNKNOWN, details: error.message }),
      );
    };
    const runPlugin = (call: ServerWritableStream<pb.RunPluginRequest, pb.RunPluginResponse>) => {
      try {
        this.#runPlugin(call);
      } catch (error) {
        call.destroy(Object.assign(error as Error, { code: status.FAILED_PRECONDITION }));
      }
    };
    // What providers in source need is installed with this repository.
    const installDependencies = (call: ServerWritableStream<unknown, unknown>) => {
      call.end();
    };
    return { handshake, getPluginInfo, getRequiredPackages, installDependencies, run, runPlugin };
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  async #run(request: pb.RunRequest, engine: string, onCancel: (kill: () => void) => void): Promise<pb.RunResponse> {
    const info = request.getInfo();
    const { args, cwd, env } = nodeCommand({
      directory: info?.getRootDirectory() ?? request.getPwd(),
      main: [info?.getProgramDirectory() ?? request.getPwd(), info?.getEntryPoint() ?? '.'].join('/'),
      runtimeOptions: (info?.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>,
      monitor: request.getMonitorAddress(),
      engine,
      ...context.read(request),
    });
    const child = this.#spawn(args, { cwd, env: { ...environment(), ...env } });
    onCancel(() => child.kill('SIGKILL'));
    const log = new EngineClient(engine, credentials.createInsecure());
    try {
      const printed = [reported(log, child.stdout), reported(log, child.stderr)];
      const failure = await new Promise<string | undefined>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (code, signal) => resolve(failureOf(code, signal)));
      });
      await Promise.all(printed);
      const response = new messages.RunResponse();
      if (failure === '') response.setBail(true);
      else if (failure !== undefined) response.setError(failure);
      return response;
    } finally {
      log.close();
    }
  }

  /** A policy pack or a provider; its first line of output is the port on which it serves the engine. */
  #runPlugin(call: ServerWritableStream<pb.RunPluginRequest, pb.RunPluginResponse>): void {
    const { request } = call;
    const program = request.getInfo()?.getProgramDirectory() ?? request.getProgram();
    const args = pluginArguments(request.getKind(), program, request.getArgsList());
    const env = Object.fromEntries(request.getEnvList().map((line) => line.split(/=(.*)/s).slice(0, 2)));
    const child = this.#spawn(args, { cwd: request.getPwd(), env: env as Record<string, string> });
    call.on('cancelled', () => child.kill('SIGKILL'));
    const send = (fill: (response: pb.RunPluginResponse) => void) => {
      if (call.cancelled) return;
      const response = new messages.RunPluginResponse();
      fill(response);
      call.write(response);
    };
    child.stdout.on('data', (chunk: Uint8Array) => send((response) => response.setStdout(chunk)));
    child.stderr.on('data', (chunk: Uint8Array) => send((response) => response.setStderr(chunk)));
    child.on('error', (error) => call.destroy(error));
    child.on('close', (code) => {
      send((response) => response.setExitcode(code ?? 1));
      call.end();
    });
  }

  #spawn(args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.add(child);
    child.on('close', () => this.#children.delete(child));
    return child;
  }
}

/** The SDK's runners of plugins take their arguments in different orders. */
function pluginArguments(kind: string, program: string, args: readonly string[]): string[] {
  switch (kind) {
    case 'analyzer':
      return [resolveRunner(program, 'run-policy-pack'), ...args, program];
    case 'resource':
      return [resolveRunner(program, 'run-plugin'), program, ...args];
    default:
      throw new Error(`Plugins of the kind ${kind} cannot be run.`);
  }
}

/** What a program prints is shown by the engine. */
async function reported(engine: EngineClient, output: Readable): Promise<void> {
  for await (const line of createInterface({ input: output })) {
    const request = new engineMessages.LogRequest();
    request.setSeverity(engineMessages.LogSeverity.INFO);
    request.setMessage(`${line}\n`);
    await new Promise<void>((resolve) => engine.log(request, () => resolve()));
  }
}
