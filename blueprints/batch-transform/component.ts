/** The Pulumi component of a batch inference pipeline: a SageMaker model, and a function that runs it over a file. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { createJobFunction } from '../shared/lambda/job-function.ts';
import { jobNameMatchers } from '../shared/lambda/job-run.ts';
import { primaryContainer } from '../shared/aws/model-source.ts';
import { notifyOnChange } from '../shared/aws/notification.ts';
import type { BatchTransformArgs } from './args.ts';
import { createExecutionRole, makeTransformJobs } from './roles.ts';

/** EventBridge takes 64 characters for a rule; the longest of ours is `<name>-transform-change-1234567`. */
export const NAME_LIMIT = 36;
const HANDLER = new URL('./handler.ts', import.meta.url);
/** SageMaker answers in seconds. */
const TIMEOUT_SECONDS = 60;

/**
 * Runs a model over a file, once for every change of the request, and again whenever its function is called.
 *
 * ```ts
 * new BatchTransform('churn', { place, model, definition, inputLocation, outputLocation, run: 1 }, { provider });
 * ```
 */
export class BatchTransform extends pulumi.ComponentResource {
  readonly modelName: pulumi.Output<string>;
  readonly jobName: pulumi.Output<string>;
  readonly executionRoleArn: pulumi.Output<string>;
  /** Call it with `{}` to run the job again. */
  readonly functionName: pulumi.Output<string>;

  /** @param name prefix of all names: letters, digits and inner hyphens, at most {@link NAME_LIMIT} characters */
  constructor(name: string, args: BatchTransformArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:batch-transform:BatchTransform', name, {}, options);
    const inside: pulumi.CustomResourceOptions = { parent: this };
    const execution = createExecutionRole(name, args, inside);
    const model = new aws.sagemaker.Model(
      `${name}-model`,
      { executionRoleArn: execution.role.arn, primaryContainer: primaryContainer(args.model) },
      // SageMaker reads the artifact when the model is created, with the permissions of the role.
      { ...inside, dependsOn: [execution.policy] },
    );
    const job = createJobFunction(
      `${name}-job`,
      {
        description: `Makes the transform jobs of ${name}`,
        handler: HANDLER,
        definition: args.definition,
        environment: { MODEL_NAME: model.name },
        statements: makeTransformJobs(args.place, args.definition),
        timeoutSeconds: TIMEOUT_SECONDS,
        run: args.run,
        permissionsBoundaryArn: args.permissionsBoundaryArn,
        dependsOn: [execution.policy],
      },
      inside,
    );
    notifyOnChange(
      `${name}-transform`,
      {
        place: args.place,
        topicArn: args.notificationsTopicArn,
        detailType: 'SageMaker Transform Job State Change',
        detail: {
          TransformJobName: jobNameMatchers(args.definition),
          TransformJobStatus: ['Completed', 'Failed', 'Stopped'],
        },
        subject: { name: 'TransformJobName', status: 'TransformJobStatus' },
        what: 'Transform job',
      },
      inside,
    );
    this.modelName = model.name;
    this.jobName = job.jobName;
    this.executionRoleArn = execution.role.arn;
    this.functionName = job.function.name;
    this.registerOutputs({
      modelName: this.modelName,
      jobName: this.jobName,
      executionRoleArn: this.executionRoleArn,
      functionName: this.functionName,
    });
  }
}
