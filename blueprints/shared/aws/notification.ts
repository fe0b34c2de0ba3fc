/** State changes of AWS services → the notifications topic, through EventBridge. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Place } from './place.ts';

export interface NotificationArgs {
  place: Place;
  /** The orchestrator's topic. Without one no notifications are sent. */
  topicArn: string | undefined;
  /** Such as `aws.sagemaker`, the default. */
  source?: string;
  /** Such as `SageMaker Training Job State Change`. */
  detailType: string;
  /** What the event's detail must hold, as an event pattern. */
  detail: pulumi.Input<Record<string, unknown>>;
  /** Names of the detail's keys that tell what changed, and to what. */
  subject: { name: string; status: string };
  /** What changed, for a person: `Training job`. */
  what: string;
}

/**
 * Makes a rule and its target. Nothing where the topic is of another account or region: EventBridge reaches those only
 * through a role that the orchestrator's account would have to trust.
 * @returns undefined where nothing was made
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
 */
export function notifyOnChange(
  name: string,
  args: NotificationArgs,
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.EventRule | undefined {
  const { topicArn, place } = args;
  if (!topicArn || !isOf(place, topicArn)) return undefined;
  const rule = new aws.cloudwatch.EventRule(
    `${name}-change`,
    {
      description: `${args.what} of ${name}: changes of its status`,
      eventPattern: pulumi.output(args.detail).apply((detail) =>
        JSON.stringify({
          source: [args.source ?? 'aws.sagemaker'],
          'detail-type': [args.detailType],
          detail,
        }),
      ),
    },
    options,
  );
  new aws.cloudwatch.EventTarget(
    `${name}-notice`,
    {
      rule: rule.name,
      // Unique within its rule; a generated one could be longer than the 64 characters that EventBridge takes.
      targetId: 'notifications',
      arn: topicArn,
      inputTransformer: {
        inputPaths: { name: `$.detail.${args.subject.name}`, status: `$.detail.${args.subject.status}` },
        // A JSON text: what goes to a topic is one line for a person.
        inputTemplate: `"${args.what} <name> is now: <status>."`,
      },
    },
    options,
  );
  return rule;
}

function isOf({ region, accountId }: Place, topicArn: string): boolean {
  const [, , , topicRegion, topicAccount] = topicArn.split(':');
  return topicRegion === region && topicAccount === accountId;
}
