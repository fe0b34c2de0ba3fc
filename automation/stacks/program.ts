/** Blueprint and request → the inline Pulumi program of a stack. Runs in a child process. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { PulumiFn } from '@pulumi/pulumi/automation/index.js';
import type { BlueprintProgram } from '../../blueprints/blueprint.ts';
import type { StackOperation } from './operation.ts';

/** Looks at what was deployed, before the engine deletes what it replaces. Throws to keep that. */
export type Verification = (outputs: Record<string, unknown>) => Promise<void>;

/**
 * @param verify called with the stack's outputs once all is deployed; not in a preview
 * @returns the program that brings the stack to what the operation's request asks for.
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
              { roleArn: environment.deploymentRoleArn, sessionName: sessionName(operation), externalId: 'mlops' },
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
        ...(operation.permissionsBoundaryArn ? { permissionsBoundaryArn: operation.permissionsBoundaryArn } : {}),
        provider,
      },
      operation.request,
    );
    if (verify && !pulumi.runtime.isDryRun()) await verify(await valuesOf(outputs));
    return outputs;
  };
}

/** Resolves once every resource that the outputs come from is deployed; if one fails, the engine ends the program. */
async function valuesOf(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  return await new Promise((resolve) => {
    pulumi.output(outputs).apply((values) => resolve(values as Record<string, unknown>));
  });
}

/** Shown in CloudTrail. @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: 2–64 of `[\w+=,.@-]` */
function sessionName(operation: StackOperation): string {
  return `mlops-${operation.pipelineId}`.slice(0, 64);
}
