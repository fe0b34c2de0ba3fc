/** Delivers to Amazon SNS with the service's own credentials. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Publisher } from './publisher.ts';

/**
 * Message and attributes together are limited to 256 KiB; our attributes are far below what this leaves for them.
 * @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
const MESSAGE_BYTES = 250_000;
/** A notification is claimed for the duration of a publication. */
const TIMEOUTS = { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

export function snsPublisher(): Publisher {
  const clients = new Map<string, SNSClient>();
  const clientIn = (region: string) => {
    const client = clients.get(region) ?? new SNSClient({ region, requestHandler: TIMEOUTS });
    clients.set(region, client);
    return client;
  };
  return {
    async publish({ topicArn, subject, message, attributes }) {
      // A topic exists only in its own region: arn:partition:sns:region:account:name.
      const region = topicArn.split(':')[3] ?? '';
      await clientIn(region).send(
        new PublishCommand({
          TopicArn: topicArn,
          Subject: subject,
          Message: cut(message),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
          ),
        }),
      );
    },
    close: () => {
      for (const client of clients.values()) client.destroy();
    },
  };
}

/** As much of a text as SNS accepts, in whole characters. */
function cut(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= MESSAGE_BYTES) return text;
  // A truncated character decodes to U+FFFD.
  return `${bytes
    .subarray(0, MESSAGE_BYTES)
    .toString()
    .replace(/\uFFFD$/, '')} …`;
}
