import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import pluginProto from '@pulumi/pulumi/proto/plugin_pb.js';
import { ResourceProviderService } from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import type {
  CheckRequest,
  ConfigureRequest,
  CreateRequest,
  DeleteRequest,
  DiffRequest,
  InvokeRequest,
} from '@pulumi/pulumi/proto/provider_pb.js';
import providerProto from '@pulumi/pulumi/proto/provider_pb.js';
import statusProto from '@pulumi/pulumi/proto/status_pb.js';
import anyProto from 'google-protobuf/google/protobuf/any_pb.js';
import emptyProto from 'google-protobuf/google/protobuf/empty_pb.js';
import structProto from 'google-protobuf/google/protobuf/struct_pb.js';

type Handler<Request, Response> = (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => void;

/** A provider in its own right, over gRPC: as the real CLI would attach to it. */
export class ProviderServer {
  /** Methods in the order in which they were called, with what was sent. */
  readonly calls: Array<{ method: string; request: object }> = [];
  readonly #server = new Server();
  #ids = 0;

  constructor() {
    const { Struct } = structProto;
    this.#server.addService(ResourceProviderService, {
      handshake: this.#handler('handshake', () => new providerProto.ProviderHandshakeResponse()),
      attach: this.#handler('attach', () => new emptyProto.Empty()),
      getPluginInfo: this.#handler('getPluginInfo', () => {
        const info = new pluginProto.PluginInfo();
        info.setVersion('7.48.0');
        return info;
      }),
      checkConfig: this.#handler('checkConfig', checked),
      configure: this.#handler('configure', (_: ConfigureRequest) => {
        const response = new providerProto.ConfigureResponse();
        response.setAcceptsecrets(true);
        response.setSupportspreview(true);
        return response;
      }),
      check: this.#handler('check', checked),
      diff: this.#handler('diff', (request: DiffRequest) => {
        const response = new providerProto.DiffResponse();
        const same =
          JSON.stringify(request.getOldInputs()?.toJavaScript()) === JSON.stringify(request.getNews()?.toJavaScript());
        response.setChanges(same ? 1 : 2);
        return response;
      }),
      create: this.#handler('create', (request: CreateRequest) => {
        const response = new providerProto.CreateResponse();
        this.#ids += 1;
        const inputs = request.getProperties()?.toJavaScript() ?? {};
        const outputs = Struct.fromJavaScript({ ...inputs, arn: `arn:${this.#ids}` });
        if (inputs['displayName'] === 'unready') {
          throw initFailed(`id-${this.#ids}`, outputs);
        }
        response.setId(`id-${this.#ids}`);
        response.setProperties(outputs);
        return response;
      }),
      delete: this.#handler('delete', (_: DeleteRequest) => new emptyProto.Empty()),
      invoke: this.#handler('invoke', (_: InvokeRequest) => {
        const response = new providerProto.InvokeResponse();
        response.setReturn(Struct.fromJavaScript({ accountId: '333333333333' }));
        return response;
      }),
      cancel: this.#handler('cancel', () => new emptyProto.Empty()),
    });
  }

  /** @returns the port */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #handler<Request extends { toObject(): object }, Response>(
    method: string,
    answer: (request: Request) => Response,
  ): Handler<Request, Response> {
    return (call, done) => {
      this.calls.push({ method, request: call.request.toObject() });
      try {
        done(null, answer(call.request));
      } catch (error) {
        done(error as Error);
      }
    };
  }
}

function checked(request: CheckRequest): InstanceType<typeof providerProto.CheckResponse> {
  const response = new providerProto.CheckResponse();
  response.setInputs(request.getNews());
  return response;
}

/** The error by which a provider says that a resource exists, but is not ready. */
function initFailed(id: string, properties: InstanceType<typeof structProto.Struct>): Error {
  const detail = new providerProto.ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(properties);
  detail.setReasonsList(['it is not ready']);
  const any = new anyProto.Any();
  any.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const details = new statusProto.Status();
  details.setCode(status.UNKNOWN);
  details.setMessage('init failed');
  details.addDetails(any);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(details.serializeBinary()));
  return Object.assign(new Error('init failed'), { code: status.UNKNOWN, details: 'init failed', metadata });
}
