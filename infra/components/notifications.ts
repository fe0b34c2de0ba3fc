/** The notification topic: execution outcomes, approval requests, alarms. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Place } from '../../blueprints/shared/aws/place.ts';
import { childOf } from './options.ts';

export interface NotificationsArgs {
  place: Place;
  /** Receives everything once its owner has confirmed the subscription. Changing it replaces the subscription. */
  email: string;
  keyArn: pulumi.Input<string>;
}

export class Notifications extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: NotificationsArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:Notifications', name, {}, options);
    const topic = new aws.sns.Topic(
      name,
      { displayName: 'MLOps Workload Orchestrator', kmsMasterKeyId: args.keyArn },
      childOf(this),
    );
    const policy = topic.arn.apply((arn) => topicPolicy(arn, args.place));
    new aws.sns.TopicPolicy(name, { arn: topic.arn, policy }, childOf(this));
    new aws.sns.TopicSubscription(
      `${name}-email`,
      { topic: topic.arn, protocol: 'email', endpoint: args.email },
      childOf(this),
    );
    this.topicArn = topic.arn;
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

/** CloudWatch alarms and EventBridge rules may publish; the account's roles may by their own policies. */
function topicPolicy(topicArn: string, place: Place): string {
  const publish = (sid: string, service: string) => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sns:Publish',
    Resource: topicArn,
  });
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        ...publish('Alarms', 'cloudwatch.amazonaws.com'),
        Condition: {
          StringEquals: { 'aws:SourceAccount': place.accountId },
          ArnLike: {
            'aws:SourceArn': `arn:${place.partition}:cloudwatch:${place.region}:${place.accountId}:alarm:*`,
          },
        },
      },
      // EventBridge does not support conditions in topic policies: with one, it delivers nothing.
      // @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
      publish('Events', 'events.amazonaws.com'),
      {
        Sid: 'RefuseWithoutTls',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: topicArn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
