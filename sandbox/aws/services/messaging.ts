/** SNS and SQS. */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { idOf } from '../identifiers.ts';
import { arn } from '../partitions.ts';
import type { Scope } from '../partitions.ts';
import { isAbsent, text } from '../properties.ts';
import { requirePolicyDocument } from '../references.ts';
import type { TypeDefinition } from '../resource-type.ts';

const sns = { folder: 'sns', sdkId: 'SNS' };
const sqs = { folder: 'sqs', sdkId: 'SQS' };

const TOPIC = 'aws:sns/topic:Topic';
const topicMissing = { code: 'NotFound', status: 404, message: () => 'Topic does not exist' };

const requireFifoSuffix = (inputs: Properties, flag: string, code: string): void => {
  if ((inputs[flag] === true) !== text(inputs, 'name').endsWith('.fifo')) {
    refuse(code, 'The name of a FIFO one ends with .fifo, that of a standard one does not.');
  }
};

const topic: TypeDefinition = {
  token: TOPIC,
  service: sns,
  title: 'SNS Topic',
  optionalOutputs: ['beginningArchiveTime'],
  api: { create: 'CreateTopic', update: 'SetTopicAttributes', delete: 'DeleteTopic' },
  autoName: { property: 'name', maxLength: 80, conflictsWith: ['namePrefix'], fifoWhen: 'fifoTopic' },
  nameRule: { property: 'name', maxLength: 256, pattern: /^[\w-]+(\.fifo)?$/, code: 'InvalidParameter' },
  replaceOn: ['name', 'namePrefix', 'fifoTopic'],
  documents: ['policy', 'deliveryPolicy'],
  defaults: { fifoTopic: false, contentBasedDeduplication: false, displayName: '' },
  // CreateTopic is idempotent: the second one gets the topic that is there.
  identity: { kind: 'derived', key: (inputs, scope) => arn(scope, 'sns', text(inputs, 'name')) },
  outputs: (_inputs, id, scope) => ({ arn: id, owner: scope.accountId }),
  refuseCreate: async ({ inputs }) => requireFifoSuffix(inputs, 'fifoTopic', 'InvalidParameter'),
};

const topicPolicy: TypeDefinition = {
  token: 'aws:sns/topicPolicy:TopicPolicy',
  service: sns,
  title: 'SNS Topic Policy',
  api: { create: 'SetTopicAttributes', update: 'SetTopicAttributes', delete: 'SetTopicAttributes' },
  rules: [{ path: 'policy', json: true }],
  replaceOn: ['arn'],
  documents: ['policy'],
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'arn') },
  outputs: (_inputs, _id, scope) => ({ owner: scope.accountId }),
  references: [{ property: 'arn', type: TOPIC, ...topicMissing }],
  refuseCreate: async ({ inputs }) => requirePolicyDocument(text(inputs, 'policy'), 'InvalidParameter'),
};

const PROTOCOLS = ['http', 'https', 'email', 'email-json', 'sms', 'sqs', 'application', 'lambda', 'firehose'];

const topicSubscription: TypeDefinition = {
  token: 'aws:sns/topicSubscription:TopicSubscription',
  service: sns,
  title: 'SNS Topic Subscription',
  api: { create: 'Subscribe', update: 'SetSubscriptionAttributes', delete: 'Unsubscribe' },
  rules: [{ path: 'protocol', oneOf: PROTOCOLS }],
  replaceOn: ['endpoint', 'protocol', 'topic'],
  documents: ['filterPolicy', 'redrivePolicy', 'deliveryPolicy'],
  defaults: { rawMessageDelivery: false, confirmationTimeoutInMinutes: 1, endpointAutoConfirms: false },
  computed: ['filterPolicyScope'],
  identity: { kind: 'derived', key: subscriptionArn },
  outputs: (inputs, id, scope) => ({
    arn: id,
    confirmationWasAuthenticated: !needsConfirmation(inputs),
    filterPolicyScope: text(inputs, 'filterPolicyScope'),
    ownerId: scope.accountId,
    pendingConfirmation: needsConfirmation(inputs),
  }),
  references: [{ property: 'topic', type: TOPIC, ...topicMissing }],
};

/** Subscribing the same endpoint twice returns the subscription that is there, so its id follows from all three. */
function subscriptionArn(inputs: Properties): string {
  const [topicArn, protocol, endpoint] = ['topic', 'protocol', 'endpoint'].map((key) => text(inputs, key));
  const id = idOf(32, `${topicArn}|${protocol}|${endpoint}`);
  return `${topicArn}:${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
}

function needsConfirmation(inputs: Properties): boolean {
  return ['email', 'email-json', 'http', 'https'].includes(text(inputs, 'protocol'));
}

const queueUrl = (inputs: Properties, scope: Scope): string =>
  `https://sqs.${scope.region}.${scope.dnsSuffix}/${scope.accountId}/${text(inputs, 'name')}`;

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html */
const NAME_TAKEN_AFTER_DELETE = 60_000;

const queue: TypeDefinition = {
  token: 'aws:sqs/queue:Queue',
  service: sqs,
  title: 'SQS Queue',
  api: { create: 'CreateQueue', update: 'SetQueueAttributes', delete: 'DeleteQueue' },
  autoName: { property: 'name', maxLength: 80, conflictsWith: ['namePrefix'], fifoWhen: 'fifoQueue' },
  nameRule: { property: 'name', maxLength: 80, pattern: /^[\w-]+(\.fifo)?$/, code: 'InvalidParameterValue' },
  rules: [
    { path: 'delaySeconds', min: 0, max: 900 },
    { path: 'visibilityTimeoutSeconds', min: 0, max: 43_200 },
    { path: 'messageRetentionSeconds', min: 60, max: 1_209_600 },
    { path: 'receiveWaitTimeSeconds', min: 0, max: 20 },
    { path: 'maxMessageSize', min: 1024, max: 1_048_576 },
  ],
  check: (inputs) =>
    inputs['sqsManagedSseEnabled'] === true && !isAbsent(inputs['kmsMasterKeyId'])
      ? [{ property: 'kmsMasterKeyId', reason: '"kms_master_key_id": conflicts with sqs_managed_sse_enabled' }]
      : [],
  replaceOn: ['name', 'namePrefix', 'fifoQueue'],
  documents: ['policy', 'redrivePolicy', 'redriveAllowPolicy'],
  defaults: {
    delaySeconds: 0,
    fifoQueue: false,
    maxMessageSize: 262_144,
    messageRetentionSeconds: 345_600,
    receiveWaitTimeSeconds: 0,
    visibilityTimeoutSeconds: 30,
  },
  identity: { kind: 'derived', key: queueUrl },
  outputs: (inputs, id, scope) => ({ arn: arn(scope, 'sqs', text(inputs, 'name')), url: id }),
  duplicate: {
    code: 'QueueNameExists',
    message: () => 'A queue already exists with the same name and a different value for an attribute',
  },
  refuseCreate: async ({ inputs }) => requireFifoSuffix(inputs, 'fifoQueue', 'InvalidParameterValue'),
  softDelete: {
    milliseconds: () => NAME_TAKEN_AFTER_DELETE,
    code: 'QueueDeletedRecently',
    message: () => 'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  },
};

const queuePolicy: TypeDefinition = {
  token: 'aws:sqs/queuePolicy:QueuePolicy',
  service: sqs,
  title: 'SQS Queue Policy',
  api: { create: 'SetQueueAttributes', update: 'SetQueueAttributes', delete: 'SetQueueAttributes' },
  rules: [{ path: 'policy', json: true }],
  replaceOn: ['queueUrl'],
  documents: ['policy'],
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'queueUrl') },
  references: [
    {
      property: 'queueUrl',
      type: queue.token,
      code: 'QueueDoesNotExist',
      message: () => 'The specified queue does not exist.',
    },
  ],
};

export const messagingTypes: readonly TypeDefinition[] = [topic, topicPolicy, topicSubscription, queue, queuePolicy];
