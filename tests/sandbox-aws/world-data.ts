/** The part of the world that holds and moves data. */
import { A, POLICY } from './world.ts';
import type { World } from './world.ts';

/** A bucket with every setting, and objects in it. */
export async function storage(world: World, functionName: string): Promise<void> {
  const bucket = 'my-bucket';
  await world.make('aws:s3/bucket:Bucket', { bucket }, bucket, {
    arn: 'arn:aws:s3:::my-bucket',
    bucketDomainName: 'my-bucket.s3.amazonaws.com',
    bucketRegionalDomainName: 'my-bucket.s3.eu-west-1.amazonaws.com',
    hostedZoneId: 'Z1BKCTXD74EZPE',
  });
  await world.make(
    'aws:s3/bucketVersioning:BucketVersioning',
    { bucket, versioningConfiguration: { status: 'Enabled' } },
    bucket,
  );
  const encryption = { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } };
  const sse = 'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration';
  await world.make(sse, { bucket, rules: [encryption] }, bucket);
  await world.make(
    'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock',
    { bucket, blockPublicPolicy: true },
    bucket,
  );
  await world.make('aws:s3/bucketPolicy:BucketPolicy', { bucket, policy: POLICY }, bucket);
  const lambda = {
    lambdaFunctionArn: `arn:aws:lambda:eu-west-1:${A}:function:${functionName}`,
    events: ['s3:ObjectCreated:*'],
  };
  await world.make('aws:s3/bucketNotification:BucketNotification', { bucket, lambdaFunctions: [lambda] }, bucket);
  const expire = { id: 'old', status: 'Enabled', expiration: { days: 1 } };
  await world.make(
    'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration',
    { bucket, rules: [expire] },
    bucket,
  );
  await world.make('aws:s3/bucketLogging:BucketLogging', { bucket, targetBucket: bucket, targetPrefix: '' }, bucket);
  const controls = { bucket, rule: { objectOwnership: 'BucketOwnerEnforced' } };
  await world.make('aws:s3/bucketOwnershipControls:BucketOwnershipControls', controls, bucket);
  await world.make('aws:s3/bucketObject:BucketObject', { bucket, key: 'a', content: 'x' }, 'my-bucket/a');
  await world.make('aws:s3/bucketObjectv2:BucketObjectv2', { bucket, key: 'b', content: 'hello' }, 'my-bucket/b', {
    arn: 'arn:aws:s3:::my-bucket/b',
    etag: '5d41402abc4b2a76b9719d911017c592',
    versionId: /^[a-z0-9]{32}$/,
  });
}

/** Topics, queues, logs, rules and alarms. */
export async function messaging(world: World, functionArn: string): Promise<void> {
  const topicArn = `arn:aws:sns:eu-west-1:${A}:t`;
  await world.make('aws:sns/topic:Topic', { name: 't' }, topicArn, { owner: A });
  await world.make('aws:sns/topicPolicy:TopicPolicy', { arn: topicArn, policy: POLICY }, topicArn);
  const email = { topic: topicArn, protocol: 'email', endpoint: 'a@b.example' };
  const subscription = new RegExp(`^${topicArn}:[0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}$`);
  await world.make('aws:sns/topicSubscription:TopicSubscription', email, subscription, {
    pendingConfirmation: /^true$/,
  });
  const url = `https://sqs.eu-west-1.amazonaws.com/${A}/q`;
  await world.make('aws:sqs/queue:Queue', { name: 'q' }, url, { url, arn: `arn:aws:sqs:eu-west-1:${A}:q` });
  await world.make('aws:sqs/queuePolicy:QueuePolicy', { queueUrl: url, policy: POLICY }, url);
  await world.make('aws:cloudwatch/logGroup:LogGroup', { name: '/l' }, '/l', {
    arn: `arn:aws:logs:eu-west-1:${A}:log-group:/l`,
  });
  const filter = {
    name: 'f',
    logGroupName: '/l',
    pattern: 'x',
    metricTransformation: { name: 'm', namespace: 'n', value: '1' },
  };
  await world.make('aws:cloudwatch/logMetricFilter:LogMetricFilter', filter, 'f');
  const rule = { name: 'r', scheduleExpression: 'rate(1 day)' };
  await world.make('aws:cloudwatch/eventRule:EventRule', rule, 'r', { arn: `arn:aws:events:eu-west-1:${A}:rule/r` });
  await world.make('aws:cloudwatch/eventTarget:EventTarget', { rule: 'r', targetId: 't', arn: functionArn }, 'r-t');
  const alarm = {
    name: 'a',
    metricName: 'm',
    namespace: 'n',
    comparisonOperator: 'GreaterThanThreshold',
    evaluationPeriods: 1,
    period: 60,
  };
  await world.make('aws:cloudwatch/metricAlarm:MetricAlarm', alarm, 'a', {
    arn: `arn:aws:cloudwatch:eu-west-1:${A}:alarm:a`,
  });
  const dashboard = { dashboardName: 'd', dashboardBody: '{"widgets":[]}' };
  await world.make('aws:cloudwatch/dashboard:Dashboard', dashboard, 'd', {
    dashboardArn: `arn:aws:cloudwatch::${A}:dashboard/d`,
  });
}
