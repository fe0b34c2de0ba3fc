/** External events that the service acts on: EventBridge rules → one queue, which the workers read. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import { childOf } from './options.ts';

/** The file that the guide provisions from, anywhere in a bucket. */
export const CONFIG_FILE = 'mlops-config.json';
/** Keys of objects that are configuration: the file, or an archive with it; also as the last part of a key. */
export const CONFIG_OBJECTS = [CONFIG_FILE, 'mlops-config.zip'] as const;
/** Visibility timeout: a message received by a worker that crashed is redelivered after this long. */
const VISIBILITY_SECONDS = 300;
/** Then it is moved to the dead-letter queue for inspection. */
const MOST_RECEIVES = 5;
const KEPT_SECONDS = 14 * 24 * 60 * 60;

export interface ConfigEventsArgs {
  place: Place;
  /** Whose configuration files are provisioned. */
  buckets: pulumi.Input<readonly string[]>;
  /** Whether changes of model packages are of interest. */
  modelRegistry: boolean;
  /** `https://git-codecommit.…/v1/repos/<name>`, or empty. */
  repositoryAddress: string;
  repositoryBranch: string;
}

export class ConfigEvents extends pulumi.ComponentResource {
  readonly queueUrl: pulumi.Output<string>;
  readonly queueArn: pulumi.Output<string>;
  readonly queueName: pulumi.Output<string>;
  readonly deadLetterQueueName: pulumi.Output<string>;
  /** Undefined without a repository. */
  readonly repositoryArn: string | undefined;

  constructor(name: string, args: ConfigEventsArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:ConfigEvents', name, {}, options);
    const deadLetters = new aws.sqs.Queue(
      `${name}-dead-letters`,
      { messageRetentionSeconds: KEPT_SECONDS, sqsManagedSseEnabled: true },
      childOf(this),
    );
    const queue = new aws.sqs.Queue(
      name,
      {
        visibilityTimeoutSeconds: VISIBILITY_SECONDS,
        messageRetentionSeconds: KEPT_SECONDS,
        receiveWaitTimeSeconds: 20,
        sqsManagedSseEnabled: true,
        redrivePolicy: deadLetters.arn.apply((deadLetterTargetArn) =>
          JSON.stringify({ deadLetterTargetArn, maxReceiveCount: MOST_RECEIVES }),
        ),
      },
      childOf(this),
    );
    this.repositoryArn = repositoryArn(args);
    const rules = Object.entries(patterns(args, this.repositoryArn)).map(([what, pattern]) =>
      createRule(`${name}-${what}`, pattern, queue, deadLetters, this),
    );
    for (const [each, suffix] of [
      [queue, ''],
      [deadLetters, '-dead-letters'],
    ] as const) {
      const policy = pulumi.all([each.arn, ...rules.map((rule) => rule.arn)]).apply(queuePolicy);
      new aws.sqs.QueuePolicy(`${name}${suffix}`, { queueUrl: each.url, policy }, childOf(this));
    }
    this.queueUrl = queue.url;
    this.queueArn = queue.arn;
    this.queueName = queue.name;
    this.deadLetterQueueName = deadLetters.name;
    this.registerOutputs({ queueUrl: this.queueUrl });
  }
}

/** @returns the repository that an address of AWS CodeCommit names; undefined for any other address */
export function codeCommitRepository(address: string): { region: string; name: string } | undefined {
  const [, region, name] = /git-codecommit\.([a-z0-9-]+)\..*\/v1\/repos\/(.+)$/.exec(address) ?? [];
  return region && name ? { region, name } : undefined;
}

function repositoryArn({ repositoryAddress, place }: ConfigEventsArgs): string | undefined {
  const found = codeCommitRepository(repositoryAddress);
  return found && `arn:${place.partition}:codecommit:${found.region}:${place.accountId}:${found.name}`;
}

type Pattern = Record<string, unknown>;

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
function patterns(args: ConfigEventsArgs, repository: string | undefined): Record<string, pulumi.Input<Pattern>> {
  const found: Record<string, pulumi.Input<Pattern>> = {
    objects: pulumi.output(args.buckets).apply((name) => ({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name }, object: { key: CONFIG_OBJECTS.flatMap((key) => [key, { suffix: `/${key}` }]) } },
    })),
  };
  if (args.modelRegistry) {
    found['model-packages'] = { source: ['aws.sagemaker'], 'detail-type': ['SageMaker Model Package State Change'] };
  }
  if (repository) {
    found['commits'] = {
      source: ['aws.codecommit'],
      'detail-type': ['CodeCommit Repository State Change'],
      resources: [repository],
      detail: {
        event: ['referenceCreated', 'referenceUpdated'],
        referenceType: ['branch'],
        referenceName: [args.repositoryBranch],
      },
    };
  }
  return found;
}

function createRule(
  name: string,
  pattern: pulumi.Input<Pattern>,
  queue: aws.sqs.Queue,
  deadLetters: aws.sqs.Queue,
  parent: pulumi.Resource,
): aws.cloudwatch.EventRule {
  const rule = new aws.cloudwatch.EventRule(
    name,
    { eventPattern: pulumi.output(pattern).apply((value) => JSON.stringify(value)) },
    childOf(parent),
  );
  new aws.cloudwatch.EventTarget(
    name,
    { rule: rule.name, targetId: 'queue', arn: queue.arn, deadLetterConfig: { arn: deadLetters.arn } },
    childOf(parent),
  );
  return rule;
}

/** Only our rules put anything in, and only over TLS. */
function queuePolicy([queueArn = '', ...ruleArns]: string[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Rules',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': ruleArns } },
      },
      {
        Sid: 'RefuseWithoutTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: queueArn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
