/** An engine module that reports where it was run, for tests of the child's bundle. */
import { PulumiCommand } from '@pulumi/pulumi/automation/index.js';
import settings from '@pulumi/pulumi/runtime/settings.js';
import { sdkInternals } from '../../automation/engine/sdk-internals.ts';
import type { CreateEngine } from '../../automation/engine/engine.ts';

export const createEngine: CreateEngine = async ({ options }) => {
  // As a program's own mistake in a callback, which nothing catches: Node prints it, and ends.
  if (options.uncaught) await new Promise(() => setTimeout(() => fail('uncaught')));
  const { CommandResult, createCommandError } = sdkInternals();
  const failed = createCommandError(new CommandResult('', 'no stack named "x" found', -2));
  const where = {
    stack: new Error('here').stack,
    commandClass: PulumiCommand.name,
    // Of the copy of the SDK that the bundle holds.
    notFound: failed.constructor.name,
    source: import.meta.url,
    // What the SDK connects programs with.
    connections: (settings as unknown as { grpcClientOptions: object }).grpcClientOptions,
  };
  throw new Error(JSON.stringify(where));
};

function fail(message: string): void {
  throw new Error(message);
}
