import { ResourceMonitorService } from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import type { MonitorHandlers } from './monitor-handlers.ts';
import { createRpcServer, listen, unary } from '../rpc-server.ts';

/** The resource monitor: the service by which a running program registers what it wants. */
export class MonitorServer {
  readonly #server = createRpcServer();

  constructor(handlers: MonitorHandlers) {
    this.#server.addService(ResourceMonitorService, {
      getDeploymentInfo: unary(() => handlers.deploymentInfo()),
      supportsFeature: unary((request) => handlers.supportsFeature(request)),
      registerResource: unary((request) => handlers.registerResource(request)),
      registerResourceOutputs: unary((request) => handlers.registerResourceOutputs(request)),
      readResource: unary((request) => handlers.readResource(request)),
      invoke: unary((request) => handlers.invoke(request)),
      call: unary((request) => handlers.call(request)),
      registerStackTransform: unary((request) => handlers.registerStackTransform(request)),
      registerStackInvokeTransform: unary((request) => handlers.registerStackInvokeTransform(request)),
      signalAndWaitForShutdown: unary(() => handlers.shutdown()),
    });
  }

  /** @returns the address to give to the program */
  async listen(): Promise<string> {
    return `127.0.0.1:${await listen(this.#server)}`;
  }

  close(): void {
    this.#server.forceShutdown();
  }
}
