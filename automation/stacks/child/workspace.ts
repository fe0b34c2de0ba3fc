/** The stack of an operation, opened through the Automation API in a separate work directory. */
import { join } from 'node:path';
import { cwd } from 'node:process';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import type { InlineProgramArgs, LocalWorkspaceOptions, PulumiFn } from '@pulumi/pulumi/automation/index.js';
import type { Engine } from '../../engine/engine.ts';
import '../../engine/inline-programs.ts';
import type { StackOperation } from '../operation.ts';
import { isAfterFence } from '../../aws/session-name.ts';
import { OpenStack } from './open-stack.ts';
import { useSession } from './session.ts';
import { isUnknownStack } from './pulumi-errors.ts';

/** For actions that work from the state, whichever version of the blueprint deployed it. */
const NO_PROGRAM: PulumiFn = async () => ({});

export class StackWorkspace {
  /** Where the update plan is kept during the operation. */
  readonly planFile: string;
  readonly #operation: StackOperation;
  readonly #options: LocalWorkspaceOptions;

  /**
   * Configuration is written to the settings file rather than passed to `config set-all`, which would show it on the
   * command line and take another CLI invocation.
   * @param workDir an empty directory
   */
  constructor(operation: StackOperation, engine: Engine, workDir: string) {
    const { project, stack, environment, pipelineType, pipelineId, revision, request, tags } = operation;
    this.planFile = join(workDir, 'plan.json');
    this.#operation = operation;
    this.#options = {
      workDir,
      pulumiCommand: engine.command,
      envVars: engine.envVars,
      projectSettings: {
        name: project,
        runtime: 'nodejs',
        main: cwd(),
        description: `MLOps pipelines of type ${pipelineType}`,
      },
      stackSettings: {
        [stack]: {
          config: {
            'aws:region': environment.region,
            'mlops:environment': environment.name,
            'mlops:pipelineId': pipelineId,
            'mlops:revision': String(revision),
            'mlops:request': JSON.stringify(request),
            // Pulumi Cloud applies these tags with each update: `pulumi stack tag` would take a round trip for each tag.
            // @see https://www.pulumi.com/docs/iac/concepts/stacks/#stack-tags
            'pulumi:tags': tags,
          },
        },
      },
    };
  }

  /** @returns undefined if the backend has no such stack */
  async select(program: PulumiFn = NO_PROGRAM): Promise<OpenStack | undefined> {
    try {
      const stack = new OpenStack(await LocalWorkspace.selectStack(this.#args(program), this.#options));
      const { recover, environment } = this.#operation;
      // A stack that must be recovered may still be locked by the dead operation: its session is changed after the unlock.
      if (!recover && isAfterFence(environment.sessionName)) await useSession(stack, environment.sessionName);
      return stack;
    } catch (thrown) {
      if (isUnknownStack(thrown)) return undefined;
      throw thrown;
    }
  }

  async create(program: PulumiFn): Promise<OpenStack> {
    return new OpenStack(await LocalWorkspace.createStack(this.#args(program), this.#options));
  }

  #args(program: PulumiFn): InlineProgramArgs {
    return { projectName: this.#operation.project, stackName: this.#operation.stack, program };
  }
}
