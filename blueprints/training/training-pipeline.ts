/**
 * The component behind training, tuning and Autopilot pipelines: an execution role for the job, a function that starts it,
 * and notifications of its end. Each pipeline type only says which SageMaker job it runs.
 */
import * as pulumi from '@pulumi/pulumi';
import type { JobFunction } from '../shared/lambda/job-function.ts';
import { createJobFunction } from '../shared/lambda/job-function.ts';
import { jobNameMatchers, jobNamePatterns } from '../shared/lambda/job-run.ts';
import { notifyOnChange } from '../shared/aws/notification.ts';
import type { Place } from '../shared/aws/place.ts';
import type { Statement } from '../shared/aws/policies.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import { makeJobs } from '../shared/aws/statements.ts';
import type { TrainingPipelineArgs } from './args.ts';
import { createTrainingRole } from './training-roles.ts';

/** EventBridge takes 64 characters for a rule; the longest of ours is `<name>-processing-change-1234567`. */
export const NAME_LIMIT = 36;
/** SageMaker answers in seconds. */
const TIMEOUT_SECONDS = 60;

/** What SageMaker calls one kind of job. */
export interface JobKind {
  /** As notifications name it: `Training job`. */
  what: string;
  handler: URL;
  /** As in ARNs: `training-job`. */
  arnKind: string;
  /** As in actions: `TrainingJob`. */
  operation: string;
  /** Log groups of the job's containers, below `/aws/sagemaker/`. */
  logGroups: readonly string[];
  /** What the job's role needs besides data, log and key. @param names patterns of its jobs' names */
  statements?: (place: Place, names: readonly string[]) => Statement[];
  /** State changes that are sent to the notifications topic. */
  changes: readonly {
    /** In logical names. */
    suffix: string;
    what: string;
    detailType: string;
    /** Key of the event's detail that holds the name. */
    name: string;
    /** Key that holds the status. */
    status: string;
    statuses: readonly string[];
  }[];
}

/** Runs one SageMaker job for every change of the request. Subclasses add their type token and their kind of job. */
export abstract class TrainingPipeline extends pulumi.ComponentResource {
  readonly jobName: pulumi.Output<string>;
  readonly jobRoleArn: pulumi.Output<string>;
  /** Invoke it with `{}` to run the job once more. */
  readonly functionName: pulumi.Output<string>;

  /** @param name prefix of all names: letters, digits and inner hyphens, at most {@link NAME_LIMIT} characters */
  constructor(
    type: string,
    kind: JobKind,
    name: string,
    args: TrainingPipelineArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super(type, name, {}, options);
    const inside: pulumi.CustomResourceOptions = { parent: this };

    const jobRole = createJobRole(name, kind, args, inside);
    const job = createJob(name, kind, args, jobRole, inside);
    notifyOnChanges(name, kind, args, inside);

    this.jobName = job.jobName;
    this.jobRoleArn = jobRole.role.arn;
    this.functionName = job.function.name;
    this.registerOutputs({ jobName: this.jobName, jobRoleArn: this.jobRoleArn, functionName: this.functionName });
  }
}

function createJobRole(
  name: string,
  kind: JobKind,
  args: TrainingPipelineArgs,
  options: pulumi.CustomResourceOptions,
): ServiceRole {
  const jobNames = jobNamePatterns(args.definition);
  return createTrainingRole(
    `${name}-training`,
    `${kind.what}s of ${name}`,
    { ...args, logGroups: kind.logGroups, jobNames, statements: kind.statements?.(args.place, jobNames) ?? [] },
    options,
  );
}

function createJob(
  name: string,
  kind: JobKind,
  args: TrainingPipelineArgs,
  jobRole: ServiceRole,
  options: pulumi.CustomResourceOptions,
): JobFunction {
  const jobs = { kind: kind.arnKind, operation: kind.operation, names: jobNamePatterns(args.definition) };
  return createJobFunction(
    `${name}-job`,
    {
      description: `Makes the ${kind.what.toLowerCase()}s of ${name}`,
      handler: kind.handler,
      definition: args.definition,
      environment: { JOB_ROLE_ARN: jobRole.role.arn },
      statements: jobRole.role.arn.apply((arn) => makeJobs(args.place, jobs, arn)),
      timeoutSeconds: TIMEOUT_SECONDS,
      run: args.run,
      permissionsBoundaryArn: args.permissionsBoundaryArn,
      // The job starts at once, and SageMaker checks its data with the permissions of its role.
      dependsOn: [jobRole.policy],
    },
    options,
  );
}

function notifyOnChanges(
  name: string,
  kind: JobKind,
  { place, definition, notificationsTopicArn }: TrainingPipelineArgs,
  options: pulumi.CustomResourceOptions,
): void {
  for (const change of kind.changes) {
    notifyOnChange(
      `${name}-${change.suffix}`,
      {
        place,
        topicArn: notificationsTopicArn,
        detailType: change.detailType,
        detail: { [change.name]: jobNameMatchers(definition), [change.status]: [...change.statuses] },
        subject: { name: change.name, status: change.status },
        what: change.what,
      },
      options,
    );
  }
}
