import type { WebhookProvider, WebhookReceiver } from '../../automation/sources/inbound/webhook-receiver.ts';
import { answer } from '../answers.ts';
import type { WebhookLimits } from '../middleware/rate-limit.ts';
import type { Route } from '../route.ts';

/** What API Gateway lets through. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const LIMIT_BYTES = 10_485_760;

const PROVIDERS: Readonly<Record<WebhookProvider, { name: string; proof: string }>> = {
  github: { name: 'GitHub', proof: '`X-Hub-Signature-256`' },
  gitlab: { name: 'GitLab', proof: '`webhook-signature` or `X-Gitlab-Token`' },
  bitbucket: { name: 'Bitbucket', proof: '`X-Hub-Signature`' },
};

/** Pushes to repositories with a `mlops-config.json`. The sender is authenticated by the signature, not by the gateway. */
export function webhookRoutes(webhooks: WebhookReceiver, limits: WebhookLimits): Route[] {
  return Object.entries(PROVIDERS).map(([key, { name, proof }]) => ({
    method: 'post',
    path: `/webhooks/${key}`,
    // Callers are authenticated by a signature.
    role: 'open',
    operationId: `receive${name}Webhook`,
    summary: `A webhook of ${name}`,
    description: `Authenticated by ${proof}. Responds once a push to an allowed branch is stored; its \`mlops-config.json\` is provisioned afterwards.`,
    body: {
      presence: 'required',
      expects: `a webhook of ${name}`,
      schema: { type: 'object', description: `As ${name} documents it.` },
      rawLimitBytes: LIMIT_BYTES,
    },
    answers: {
      200: {
        description: 'Nothing to do: a ping, a duplicate, or an irrelevant event',
        schema: answer('WebhookAnswer'),
      },
      202: { description: 'Stored and being processed', schema: answer('WebhookAnswer') },
    },
    refusals: [404],
    async handle({ request, body }, response) {
      const headers = (header: string) => request.get(header);
      const admit = () => limits.proven(request, response);
      const received = await webhooks
        .receive(key as WebhookProvider, headers, body as Buffer, admit)
        .catch(async (error: { code?: unknown }) => {
          if (error.code === 'SIGNATURE_INVALID') await limits.unproven(request, response);
          throw error;
        });
      response.status(received.status === 'accepted' ? 202 : 200).json(received);
    },
  }));
}
