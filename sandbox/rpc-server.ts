import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { messageOf } from './engine/cli-error.ts';

/** 400 MB, as in the SDK: an archive may travel inside a message. */
export const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

/**
 * An answer that says why. The SDK takes UNAVAILABLE for "the engine is going away": it then says nothing more itself.
 */
export class MonitorError extends Error {
  readonly code: number;

  constructor(message: string, code: number = status.UNKNOWN) {
    super(message);
    this.name = 'MonitorError';
    this.code = code;
  }
}

/** @returns a gRPC server for programs, providers and engines on this machine */
export function createRpcServer(): Server {
  return new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    // A program that computes for long must not lose what it has asked for (see the SDK's own setting).
    'grpc.server_max_unrequested_time_in_server': 30 * 60,
  });
}

/** @returns the port that the server got, on 127.0.0.1 */
export function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

/** Turns an asynchronous function into a gRPC handler. */
export function unary<Request, Response>(
  handle: (request: Request) => Promise<Response>,
): (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => void {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => {
        const code = error instanceof MonitorError ? error.code : status.UNKNOWN;
        callback({ code, details: messageOf(error) });
      },
    );
  };
}
