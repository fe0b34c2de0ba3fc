/** Stack operations of real blueprints in reused children, with the engine under test on a home of the test's own. */
import { pathToFileURL } from 'node:url';
import type { EngineChoice } from '../../automation/config/config.ts';
import type { Environment } from '../../automation/config/environments.ts';
import type { OperationResult, StackAction, StackOperation } from '../../automation/stacks/operation.ts';
import { stackNames } from '../../automation/stacks/operation.ts';
import type { RunOptions } from '../../automation/stacks/stack-runner.ts';
import type { RequestSettings } from '../../blueprints/request/request.ts';
import { validateRequest } from '../../blueprints/request/request.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import { engineUnderTest } from './engine.ts';
import { reusedChildren } from './reused-children.ts';
import { temporaryFolder } from './temporary-folder.ts';

const SETTINGS: RequestSettings = { useModelRegistry: false, multiAccount: false, pipelinePrefix: 'mlops-pipeline' };

export const MAIN: Environment = {
  name: 'main',
  accountId: '111111111111',
  region: 'us-east-1',
  deploymentRoleArn: '',
  externalId: 'mlops',
  permissionsBoundaryArn: '',
  organizationalUnitId: '',
  assetsBucket: 'assets',
};

/** An operation of a program of the test's own, in the first environment, without a request. */
export function plainOperation(project: string, action: StackAction, stack: string): Omit<StackOperation, 'engine'> {
  return {
    action,
    project,
    stack,
    pipelineId: stack,
    pipelineType: 'byom_realtime_builtin',
    blueprintVersion: '1',
    revision: 1,
    run: 1,
    environment: MAIN,
    request: {} as never,
    message: 'test',
    tags: {},
    allowDetailedErrorMessage: true,
    notificationsTopicArn: '',
    recover: false,
  };
}

export interface Wanted extends Partial<Omit<StackOperation, 'request'>> {
  request: Record<string, unknown>;
  /** Of the installation. */
  settings?: Partial<RequestSettings>;
  /** Settings of the sandbox, such as `SANDBOX_MISSING`. */
  sandbox?: Record<string, string>;
}

export class Operations {
  readonly home: string;
  /** Commands of the CLI that the latest operation ran. */
  invocations: string[] = [];
  readonly #remove: () => Promise<void>;
  readonly #engine: EngineChoice;

  private constructor(home: string, remove: () => Promise<void>, engine: EngineChoice) {
    this.home = home;
    this.#engine = engine;
    this.#remove = remove;
  }

  static async open(): Promise<Operations> {
    const { path, remove } = await temporaryFolder();
    return new Operations(path, remove, await engineUnderTest());
  }

  async close(): Promise<void> {
    await this.#remove();
  }

  async run(action: StackAction, wanted: Wanted, options: RunOptions = {}): Promise<OperationResult> {
    this.invocations = [];
    const onInvocation = (command: string) => this.invocations.push(command);
    return await reusedChildren.run(this.#operation(action, wanted), { onInvocation, ...options });
  }

  #operation(action: StackAction, { request: body, settings = {}, sandbox = {}, ...changes }: Wanted): StackOperation {
    const { blueprint, pipelineId, request } = validateRequest(body, { ...SETTINGS, ...settings });
    const environment = changes.environment ?? MAIN;
    return {
      action,
      ...stackNames(blueprint.pipelineType, pipelineId, environment.name),
      pipelineId,
      pipelineType: blueprint.pipelineType,
      blueprintVersion: blueprint.version,
      revision: 1,
      run: 1,
      environment,
      request: stageValues(blueprint, request, environment.name),
      message: 'test',
      tags: {},
      allowDetailedErrorMessage: true,
      notificationsTopicArn: '',
      engine: {
        ...this.#engine,
        backendUrl: pathToFileURL(this.home).href,
        options: { SANDBOX_HOME: this.home, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'x', ...sandbox },
      },
      recover: false,
      ...changes,
    };
  }
}
