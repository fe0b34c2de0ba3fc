/** A child process whose program does what the request's `model_name` says, for tests of the runner. */
import { spawn } from 'node:child_process';
import * as aws from '@pulumi/aws';
import { serveOneOperation } from '../../automation/stacks/child/serve.ts';
import type { BlueprintProgram } from '../../blueprints/blueprint.ts';

const MEGABYTE = 'x'.repeat(1024 * 1024 - 1) + '\n';

const BEHAVIOURS: Record<string, BlueprintProgram> = {
  well: (context) => {
    const role = makeRole('role', context.provider);
    return { roleArn: role.arn };
  },
  hangs: () => new Promise(() => undefined),
  blocks: () => {
    for (;;);
  },
  // As the Pulumi CLI starts its plugins: in a process group of their own, in the same session.
  'blocks-with-a-plugin': () => {
    spawn('bash', ['-c', 'set -m; sleep 6543 & wait'], { stdio: 'ignore' });
    for (;;);
  },
  crashes: () => process.abort(),
  exits: () => process.exit(3),
  prints: async (context) => {
    for (let i = 0; i < 100; i++) {
      if (!process.stdout.write(MEGABYTE)) await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
    return { roleArn: makeRole('role', context.provider).arn };
  },
  'throws-in-apply': (context) => ({
    arn: makeRole('role', context.provider).arn.apply((): string => {
      throw new Error('thrown inside apply');
    }),
  }),
  rejects: (context) => {
    void Promise.reject(new Error('a stray rejection'));
    return { arn: makeRole('role', context.provider).arn };
  },
};

function makeRole(name: string, provider: aws.Provider): aws.iam.Role {
  return new aws.iam.Role(
    name,
    {
      assumeRolePolicy: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      },
    },
    { provider },
  );
}

void serveOneOperation(async () => ({
  program: (context, request) => {
    const behaviour = BEHAVIOURS[String(request.model_name)];
    if (!behaviour) throw new Error(`no behaviour ${String(request.model_name)}`);
    return behaviour(context, request);
  },
}));
