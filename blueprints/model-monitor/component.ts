/** The Pulumi component of a model monitor: a baseline, a job definition, and the schedule that runs it. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { createJobFunction } from '../shared/lambda/job-function.ts';
import { jobNameMatchers } from '../shared/lambda/job-run.ts';
import { notifyOnChange } from '../shared/aws/notification.ts';
import type { ModelMonitorArgs } from './args.ts';
import { createJobDefinition } from './job-definition.ts';
import { createBaselineRole, createMonitorRole, functionStatements } from './roles.ts';
import type { MonitorKind } from './monitor-request.ts';

/** EventBridge takes 64 characters for a rule; the longest of ours is `<name>-baseline-change-1234567`. */
export const COMPONENT_NAME_LIMIT = 36;
const HANDLER = new URL('./handler.ts', import.meta.url);
/** The longest that Lambda allows: the function waits for the baseline. */
const TIMEOUT_SECONDS = 900;

/** What SageMaker calls the kinds. */
export const MONITORING_TYPES: Record<MonitorKind, string> = {
  data_quality: 'DataQuality',
  model_quality: 'ModelQuality',
  model_bias: 'ModelBias',
  model_explainability: 'ModelExplainability',
};

/**
 * Watches an endpoint against a baseline. The baseline is made first, so that the first run of the schedule finds it.
 *
 * ```ts
 * new ModelMonitor('churn', { place, kind: 'data_quality', request, image, definition, … }, { provider });
 * ```
 */
export class ModelMonitor extends pulumi.ComponentResource {
  readonly baselineJobName: pulumi.Output<string>;
  readonly jobDefinitionName: pulumi.Output<string>;
  readonly scheduleName: pulumi.Output<string>;
  readonly monitorRoleArn: pulumi.Output<string>;
  readonly baselineFunctionName: pulumi.Output<string>;

  /** @param name prefix of all names: letters, digits and inner hyphens, at most {@link COMPONENT_NAME_LIMIT} characters */
  constructor(name: string, args: ModelMonitorArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('mlops:model-monitor:ModelMonitor', name, {}, options);
    const inside: pulumi.CustomResourceOptions = { parent: this };
    const baselineRole = createBaselineRole(name, args, inside);
    const baseline = createJobFunction(
      `${name}-job`,
      {
        description: `Makes the baselines of ${name}`,
        handler: HANDLER,
        definition: args.definition,
        environment: { JOB_ROLE_ARN: baselineRole.role.arn },
        statements: baselineRole.role.arn.apply((arn) => functionStatements(args, arn)),
        timeoutSeconds: TIMEOUT_SECONDS,
        run: args.run,
        permissionsBoundaryArn: args.permissionsBoundaryArn,
        dependsOn: [baselineRole.policy],
      },
      inside,
    );
    notifyOfBaselines(name, args, inside);
    const monitorRole = createMonitorRole(name, args, inside);
    const { name: definitionName } = createJobDefinition(name, args, monitorRole.role.arn, {
      ...inside,
      dependsOn: [monitorRole.policy, baseline.invocation],
    });
    const schedule = createSchedule(name, args, definitionName, { ...inside, dependsOn: [monitorRole.policy] });

    this.baselineJobName = baseline.jobName;
    this.jobDefinitionName = definitionName;
    this.scheduleName = schedule.name;
    this.monitorRoleArn = monitorRole.role.arn;
    this.baselineFunctionName = baseline.function.name;
    this.registerOutputs({
      baselineJobName: this.baselineJobName,
      jobDefinitionName: this.jobDefinitionName,
      scheduleName: this.scheduleName,
      monitorRoleArn: this.monitorRoleArn,
      baselineFunctionName: this.baselineFunctionName,
    });
  }
}

/** Everything but its name is changed in place, so a schedule that watches goes on watching. */
function createSchedule(
  name: string,
  args: ModelMonitorArgs,
  definitionName: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): aws.sagemaker.MonitoringSchedule {
  return new aws.sagemaker.MonitoringSchedule(
    `${name}-schedule`,
    {
      name: args.scheduleName,
      // As the original set it, for scripts that look for it.
      ...(args.tags['mlops:pipeline-id'] ? { tags: { 'stack-name': args.tags['mlops:pipeline-id'] } } : {}),
      monitoringScheduleConfig: {
        monitoringType: MONITORING_TYPES[args.kind],
        monitoringJobDefinitionName: definitionName,
        scheduleConfig: { scheduleExpression: args.request.schedule_expression },
      },
    },
    options,
  );
}

function notifyOfBaselines(name: string, args: ModelMonitorArgs, options: pulumi.CustomResourceOptions): void {
  notifyOnChange(
    `${name}-baseline`,
    {
      place: args.place,
      topicArn: args.notificationsTopicArn,
      detailType: 'SageMaker Processing Job State Change',
      detail: {
        ProcessingJobName: jobNameMatchers(args.definition),
        ProcessingJobStatus: ['Completed', 'Failed', 'Stopped'],
      },
      subject: { name: 'ProcessingJobName', status: 'ProcessingJobStatus' },
      what: 'Baseline job',
    },
    options,
  );
}
