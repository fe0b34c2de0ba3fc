import { EngineService } from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import type { LogRequest, SetRootResourceRequest } from '@pulumi/pulumi/proto/engine_pb.js';
import engineProto from '@pulumi/pulumi/proto/engine_pb.js';
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js';
import type { EngineEvents, Severity } from './events.ts';
import { createRpcServer, listen, unary } from '../rpc-server.ts';

const SEVERITIES: Severity[] = ['debug', 'info', 'warning', 'error'];

/** The engine's own service, where programs and providers log. Listens once its address is first requested. */
export class EngineServer {
  readonly #server = createRpcServer();
  readonly #events: EngineEvents;
  #address?: Promise<string>;
  #rootUrn = '';

  constructor(events: EngineEvents) {
    this.#events = events;
    this.#server.addService(EngineService, {
      log: unary((request: LogRequest) => this.#log(request)),
      getRootResource: unary(() => {
        const response = new engineProto.GetRootResourceResponse();
        response.setUrn(this.#rootUrn);
        return Promise.resolve(response);
      }),
      setRootResource: unary((request: SetRootResourceRequest) => {
        this.#rootUrn = request.getUrn();
        return Promise.resolve(new engineProto.SetRootResourceResponse());
      }),
    });
  }

  address(): Promise<string> {
    this.#address ??= listen(this.#server).then((port) => `127.0.0.1:${port}`);
    return this.#address;
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #log(request: LogRequest): Promise<InstanceType<typeof emptyProto.Empty>> {
    const severity = SEVERITIES[request.getSeverity()] ?? 'info';
    this.#events.diagnostic({
      severity,
      message: request.getMessage(),
      urn: request.getUrn(),
      streamId: request.getStreamid(),
      ephemeral: request.getEphemeral(),
    });
    return Promise.resolve(new emptyProto.Empty());
  }
}
