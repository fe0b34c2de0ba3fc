/**
 * Imported where programs run in this process: changes how the SDK connects them to the engine. A program without a
 * connection must not pass for one that wants no resources, because the engine deletes what a program does not name.
 */
import { setImmediate } from 'node:timers/promises';
import type { ChannelOptions } from '@grpc/grpc-js';
import { isGrpcError } from '@pulumi/pulumi/errors.js';
import settings from '@pulumi/pulumi/runtime/settings.js';
import stack from '@pulumi/pulumi/runtime/stack.js';

/**
 * By default the clients of a process share connections by address, and all of them fail at once while a connection waits
 * to be tried again. An engine may listen where an earlier one did, whose programs left such connections behind.
 */
const { grpcClientOptions } = settings as unknown as { grpcClientOptions: ChannelOptions };
grpcClientOptions['grpc.use_local_subchannel_pool'] = 1;

/**
 * To the SDK, a lost connection means that the engine is ending and has said why: it answers that the program has
 * succeeded, whatever that has registered by then (`LanguageServer.run` in automation/server.js).
 */
const { runInPulumiStack } = stack;
const runConnected: typeof runInPulumiStack = async (program) => {
  try {
    return await runInPulumiStack(program);
  } catch (thrown) {
    if (!isGrpcError(thrown as Error)) throw thrown;
    // The SDK leaves promises that are rejected too, and listens for those only until it gets this error.
    await setImmediate();
    throw new Error(`The program lost its connection to the engine: ${(thrown as Error).message}`, { cause: thrown });
  }
};
Object.assign(stack, { runInPulumiStack: runConnected });
