/** What training, tuning and Autopilot pipelines are made of: a role for the job, a function that makes it, word of how it ends. */
import type * as pulumi from '@pulumi/pulumi';
import type { JobFunction } from '../shared/lambda/job-function.ts';
import { createJobFunction } from '../shared/lambda/job-function.ts';
import type { JobDefinition } from '../shared/lambda/job-run.ts';
import { jobNameMatchers, jobNamePatterns } from '../shared/lambda/job-run.ts';
import { notifyOnChange } from '../shared/aws/notification.ts';
import type { Place } from '../shared/aws/place.ts';
import type { Statement } from '../shared/aws/policies.ts';
import type { ServiceRole } from '../shared/aws/roles.ts';
import { makeJobs } from '../shared/aws/statements.ts';
import { createTrainingRole } from './training-roles.ts';

/** EventBridge takes 64 characters for a rule; the longest of ours is `<name>-processing-change-1234567`. */
export const NAME_LIMIT = 36;
/** SageMaker answers in seconds. */
const TIMEOUT_SECONDS = 60;

export interface TrainingPipelineArgs {
  /** Account and region of the provider, for ARNs. Changing the region replaces everything. */
  place: Place;
  /** The job. Changing it runs a new one. */
  definition: JobDefinition;
  /** Bucket of data and output. */
  assetsBucket: string;
  /** Keys or prefixes that the job reads. Changing them changes the job's role. */
  data: readonly string[];
  /** Prefix that the job writes below. Changing it changes the job's role. */
  output: string;
  /** Image of the algorithm; default: SageMaker's own choice, which needs no right to pull. */
  image?: string;
  /** Key for output and volumes; default: AWS's own. */
  kmsKeyArn?: string | undefined;
  /** The change that the stack is deployed for. */
  run: number;
  /** Topic that is told when a job has ended; default: none. */
  notificationsTopicArn?: string | undefined;
  /** ARN of a policy that bounds both roles; default: none. */
  permissionsBoundaryArn?: string | undefined;
}

/** What SageMaker calls one kind of job. */
export interface JobKind {
  /** For people: `Training job`. */
  what: string;
  handler: URL;
  /** As in ARNs: `training-job`. */
  arnKind: string;
  /** As in actions: `TrainingJob`. */
  operation: string;
  /** Groups that the job's containers write their log to. */
  logGroups: readonly string[];
  /** What the job's role needs besides data, log and key. @param names patterns of its jobs' names */
  statements?: (place: Place, names: readonly string[]) => Statement[];
  /** State changes that somebody is told of. */
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

/** Makes the resources of a pipeline below a component. */
export function createTrainingPipeline(
  name: string,
  kind: JobKind,
  args: TrainingPipelineArgs,
  options: pulumi.CustomResourceOptions,
): { jobRole: ServiceRole; job: JobFunction } {
  const { place, definition } = args;
  const jobNames = jobNamePatterns(definition);
  const jobRole = createTrainingRole(
    `${name}-training`,
    `${kind.what}s of ${name}`,
    {
      ...args,
      logGroups: kind.logGroups,
      jobNames,
      statements: kind.statements?.(place, jobNames) ?? [],
    },
    options,
  );
  const names = { kind: kind.arnKind, operation: kind.operation, names: jobNames };
  const job = createJobFunction(
    `${name}-job`,
    {
      description: `Makes the ${kind.what.toLowerCase()}s of ${name}`,
      handler: kind.handler,
      definition,
      environment: { JOB_ROLE_ARN: jobRole.role.arn },
      statements: jobRole.role.arn.apply((arn) => makeJobs(place, names, arn)),
      timeoutSeconds: TIMEOUT_SECONDS,
      run: args.run,
      permissionsBoundaryArn: args.permissionsBoundaryArn,
      // The job starts at once, and SageMaker looks at its data with the rights of its role.
      dependsOn: [jobRole.policy],
    },
    options,
  );
  for (const change of kind.changes) {
    notifyOnChange(
      `${name}-${change.suffix}`,
      {
        place,
        topicArn: args.notificationsTopicArn,
        detailType: change.detailType,
        detail: { [change.name]: jobNameMatchers(definition), [change.status]: [...change.statuses] },
        subject: { name: change.name, status: change.status },
        what: change.what,
      },
      options,
    );
  }
  return { jobRole, job };
}
