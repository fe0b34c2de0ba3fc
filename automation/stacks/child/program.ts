/** Blueprint and request → the inline Pulumi program of a stack. Runs in a child process. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { PulumiFn } from '@pulumi/pulumi/automation/index.js';
import type { BlueprintProgram } from '../../../blueprints/blueprint.ts';
import { operationSession } from '../../aws/session-name.ts';
import type { StackOperation } from '../operation.ts';

/** Verifies a deployment before the engine deletes the resources that it replaced. */
export interface Verification {
  /** Stack outputs that `check` needs; the first one is held back until it has passed. */
  outputs: readonly [string, ...string[]];
  /** Throws to fail the program, so that the engine keeps the resources that were to be replaced. */
  check: (values: Record<string, unknown>) => Promise<void>;
}

/**
 * @param verify skipped in a preview
 * @returns the program that deploys what the operation's request describes
 */
export function makeProgram(operation: StackOperation, blueprint: BlueprintProgram, verify?: Verification): PulumiFn {
  const { environment } = operation;
  return async () => {
    const provider = new aws.Provider(environment.name, {
      region: environment.region as aws.Region,
      ...(environment.accountId ? { allowedAccountIds: [environment.accountId] } : {}),
      ...(environment.deploymentRoleArn
        ? {
            assumeRoles: [
              {
                roleArn: environment.deploymentRoleArn,
                sessionName: environment.sessionName ?? operationSession(operation.stack),
                externalId: environment.externalId,
              },
            ],
          }
        : {}),
      defaultTags: { tags: operation.tags },
    });
    const outputs = await blueprint(
      {
        pipelineId: operation.pipelineId,
        environment: environment.name,
        accountId: environment.accountId,
        region: environment.region,
        assetsBucket: environment.assetsBucket,
        tags: operation.tags,
        allowDetailedErrorMessage: operation.allowDetailedErrorMessage,
        run: operation.run,
        ...(operation.containers ? { containers: operation.containers } : {}),
        ...(operation.notificationsTopicArn ? { notificationsTopicArn: operation.notificationsTopicArn } : {}),
        ...(environment.permissionsBoundaryArn ? { permissionsBoundaryArn: environment.permissionsBoundaryArn } : {}),
        provider,
      },
      operation.request,
    );
    return verify && !pulumi.runtime.isDryRun() ? withVerification(outputs, verify) : outputs;
  };
}

/**
 * The check is part of an output rather than awaited here: a program that awaits a failing output would never end.
 * @see https://github.com/pulumi/pulumi/issues/14980
 */
function withVerification(outputs: Record<string, unknown>, { outputs: names, check }: Verification): typeof outputs {
  const passed = pulumi
    .output(Object.fromEntries(names.map((name) => [name, outputs[name]])))
    .apply(async (values) => await check(values as Record<string, unknown>));
  const [first] = names;
  return { ...outputs, [first]: pulumi.all([outputs[first], passed]).apply(([value]) => value) };
}
