/** The sandbox engine with the sandbox AWS behind it, as a child process loads it (`EngineSettings.module`). */
import type { CreateCloud, CreateEngine, FindVersion } from '../automation/engine/engine.ts';
import { environment } from '../automation/config/process-environment.ts';
import type { CreatePublisher } from '../automation/notifications/publisher.ts';
import { createSandboxAws } from './aws/sandbox-aws.ts';
import { topicPublisher } from './aws/topics.ts';
import { sandboxSettingsOf } from './config.ts';
import { SANDBOX_ENGINE_VERSION, createSandboxCommand } from './engine/command.ts';

export const createCloud: CreateCloud = async (settings) =>
  createSandboxAws(sandboxSettingsOf(settings.options).aws).cloud;

/** @param settings `options` are the sandbox's own variables, as `sandboxSettingsOf` takes them. */
export const createEngine: CreateEngine = async (settings) => {
  const { host, cloud } = createSandboxAws(sandboxSettingsOf(settings.options).aws);
  return {
    kind: 'sandbox',
    // As a CLI's: what it starts, such as a program that is no inline program, finds the variables of this process.
    command: createSandboxCommand({ providers: host, env: environment() }),
    envVars: {
      ...settings.options,
      PULUMI_BACKEND_URL: settings.backendUrl ?? '',
    },
    cloud,
    close: async () => undefined,
  };
};

/** The version of the CLI that it stands in for. */
export const findVersion: FindVersion = async () => SANDBOX_ENGINE_VERSION;

/** In the service's own process: the topics of the sandbox AWS. */
export const createPublisher: CreatePublisher = async (settings) =>
  topicPublisher(sandboxSettingsOf(settings.options).aws.directory);
