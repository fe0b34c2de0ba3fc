import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ExecutionNotificationKind } from '../../../automation/notifications/execution-notifications.ts';
import { executionNotification } from '../../../automation/notifications/execution-notifications.ts';
import { asSubject } from '../../../automation/notifications/wording.ts';
import type { Execution, ExecutionStage, PendingApproval, ResourceChange } from '../../../automation/model.ts';

const URL = 'https://mlops.example.com';
const KIM = 'arn:aws:sts::111122223333:assumed-role/DataScientist/kim';
const LEE = 'arn:aws:sts::111122223333:assumed-role/Lead/lee';
const HASH = '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03';
const ID = '3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11';

function change(operation: ResourceChange['operation'], name: string, more: Partial<ResourceChange> = {}) {
  return { operation, urn: `urn:pulumi:s::p::t::${name}`, type: 'aws:sagemaker/endpoint:Endpoint', name, ...more };
}

const APPROVAL: PendingApproval = {
  environment: 'staging',
  changeHash: HASH,
  summary: { create: 1, replace: 1, delete: 1, update: 1, same: 7 },
  changes: [
    change('create', 'new'),
    change('update', 'tuned', { properties: ['tags'] }),
    change('replace', 'config', { replaceProperties: ['productionVariants'], warning: 'the former one is gone' }),
    change('delete', 'old', { warning: 'its data is lost' }),
    change('same', 'untouched'),
  ],
  findings: [{ check: 'object', subject: 's3://bucket/key', message: 'is not there; copy it' }],
  requestedAt: '2026-01-02T03:04:05.000Z',
  expiresAt: '2026-01-09T03:04:05.000Z',
  minimumApprovers: 1,
  approvedBy: [],
};

function execution(more: Partial<Execution> = {}): Execution {
  return {
    executionId: ID,
    pipelineId: 'mlops-pipeline-churn-byompipelinerealtimebuiltin',
    pipelineType: 'byom_realtime_builtin',
    kind: 'provision',
    revision: 3,
    status: 'InProgress',
    requestedBy: KIM,
    created: '2026-01-02T03:04:05.000Z',
    updated: '2026-01-02T03:04:05.000Z',
    stages: [
      { name: 'Source', kind: 'source', status: 'Succeeded' },
      {
        name: 'DeployDev',
        kind: 'deploy',
        environment: 'dev',
        status: 'Succeeded',
        outputs: { endpointName: 'dev-endpoint' },
      },
      { name: 'ApproveStaging', kind: 'approve', environment: 'staging', status: 'InProgress' },
      { name: 'DeployStaging', kind: 'deploy', environment: 'staging', status: 'Pending' },
    ],
    ...more,
  };
}

/** @param name of the stage that the transition is about */
function notificationOf(kind: ExecutionNotificationKind, about: Execution, name?: string) {
  return executionNotification(
    kind,
    about,
    about.stages.find((stage) => stage.name === name),
    URL,
  );
}

function withStage(name: string, patch: Partial<ExecutionStage>, more: Partial<Execution> = {}): Execution {
  const { stages } = execution();
  return execution({ ...more, stages: stages.map((stage) => (stage.name === name ? { ...stage, ...patch } : stage)) });
}

describe('notifications about an execution', () => {
  it('started: requester, request and stages', () => {
    const { subject, message, data } = notificationOf('started', execution(), 'DeployDev');
    assert.equal(subject, 'Deployment started: mlops-pipeline-churn-byompipelinerealtimebuiltin');
    assert.ok(message.includes(`requested by ${KIM}`));
    assert.ok(message.includes('Source -> DeployDev -> ApproveStaging -> DeployStaging'));
    assert.ok(message.includes(`GET ${URL}/executions/${ID}`));
    assert.deepEqual(data, { kind: 'provision', revision: 3, status: 'InProgress' });
  });

  describe('approval needed', () => {
    const waiting = execution({ status: 'AwaitingApproval', approval: APPROVAL });
    const { subject, message, environment, data } = notificationOf('approval-needed', waiting, 'ApproveStaging');

    it('names environment and pipeline in the subject', () => {
      assert.equal(subject, 'Approval needed for staging: mlops-pipeline-churn-byompipelinerealtimebuiltin');
      assert.equal(environment, 'staging');
    });

    it('lists the changes, starting with what is replaced or deleted', () => {
      assert.match(message, /Changes: 1 created, 1 updated, 1 replaced, 1 deleted\./);
      const destroyed = `Replaced or deleted
- replace aws:sagemaker/endpoint:Endpoint config (productionVariants): the former one is gone
- delete aws:sagemaker/endpoint:Endpoint old: its data is lost`;
      const rest = `Other changes
- create aws:sagemaker/endpoint:Endpoint new
- update aws:sagemaker/endpoint:Endpoint tuned (tags)`;
      assert.ok(message.includes(`${destroyed}\n\n${rest}\n\n`), message);
      assert.doesNotMatch(message, /untouched/);
    });

    it('says what the environment lacks', () => {
      assert.match(message, /Missing in staging.*\n- object s3:\/\/bucket\/key: is not there; copy it\n/);
    });

    it('has the exact calls that decide on this change, and until when', () => {
      assert.match(message, /until 2026-01-09T03:04:05\.000Z/);
      const path = `POST ${URL}/executions/${ID}/approvals/staging`;
      assert.ok(message.includes(`${path}\n{"decision":"Approved","changeHash":"${HASH}"}\n`), message);
      assert.ok(message.includes(`${path}\n{"decision":"Rejected","changeHash":"${HASH}"}`));
      assert.deepEqual(data?.changeHash, HASH);
    });

    it('says how many have to approve where one is not enough', () => {
      assert.doesNotMatch(message, /different people/);
      const approval = { ...APPROVAL, minimumApprovers: 2, approvedBy: [LEE] };
      const { message: two } = notificationOf('approval-needed', execution({ ...waiting, approval }), 'ApproveStaging');
      assert.ok(two.includes(`2 different people must approve; so far: ${LEE}.`));
    });

    it('does not list hundreds of resources', () => {
      const changes = Array.from({ length: 300 }, (_, index) => change('create', `resource-${index}`));
      const approval = { ...APPROVAL, changes, summary: { create: 300 }, findings: undefined };
      const { message: long } = notificationOf(
        'approval-needed',
        execution({ ...waiting, approval }),
        'ApproveStaging',
      );
      assert.match(long, /300 created/);
      assert.match(long, /- and 275 more\n/);
      assert.doesNotMatch(long, /Replaced or deleted|Missing/);
    });
  });

  it('approval expired: where, why, and how to ask again', () => {
    const error = { code: 'APPROVAL_EXPIRED', message: 'No decision was made until then.' };
    const about = withStage('ApproveStaging', { status: 'Failed', error }, { status: 'Failed' });
    const { subject, message } = notificationOf('approval-expired', about, 'ApproveStaging');
    assert.match(subject, /^Approval expired for staging: /);
    assert.ok(message.includes('No decision was made until then.'));
    assert.ok(message.includes(`POST ${URL}/executions/${ID}/retry`));
  });

  it('succeeded: the environments and the outputs that people look for', () => {
    const outputs = { endpointName: 'e-1', instances: 2, nested: { a: 1 }, policy: 'x'.repeat(301) };
    const about = withStage('DeployStaging', { status: 'Succeeded', outputs }, { status: 'Succeeded' });
    const { subject, message, data } = notificationOf('succeeded', about, 'DeployStaging');
    assert.match(subject, /^Deployment succeeded: /);
    assert.match(message, /has succeeded in dev, staging\./);
    assert.ok(message.includes('Outputs in dev\n- endpointName: dev-endpoint'));
    assert.ok(message.includes('Outputs in staging\n- endpointName: e-1\n- instances: 2\n\n'), message);
    assert.deepEqual(data?.environments, ['dev', 'staging']);
  });

  it('failed: resource, code and request id of AWS, what to do, and how to go on', () => {
    const error = {
      code: 'OPERATION_FAILED',
      message: 'creating SageMaker AI Endpoint: no instances',
      urn: 'urn:pulumi:staging::p::aws:sagemaker/endpoint:Endpoint::endpoint',
      providerCode: 'ResourceLimitExceeded',
      requestId: '7d1c',
      hint: 'Ask for a higher quota.',
    };
    const about = withStage('DeployStaging', { status: 'Failed', error }, { status: 'Failed' });
    const { subject, message, data } = notificationOf('failed', about, 'DeployStaging');
    assert.match(subject, /^Deployment failed in staging: /);
    for (const part of [
      'has failed in stage DeployStaging (OPERATION_FAILED).',
      error.message,
      `Resource: ${error.urn}\nAWS error code: ResourceLimitExceeded\nAWS request id: 7d1c`,
      'What to do: Ask for a higher quota.',
      `POST ${URL}/executions/${ID}/retry`,
    ]) {
      assert.ok(message.includes(part), `${part} is not in:\n${message}`);
    }
    assert.deepEqual(data?.error, error);
  });

  it('failed: omits what is unknown, and truncates long texts', () => {
    const error = { code: 'OPERATION_CRASHED', message: 'x'.repeat(100_000) };
    const about = withStage('DeployStaging', { status: 'Failed', error }, { status: 'Failed' });
    const { message } = notificationOf('failed', about, 'DeployStaging');
    assert.doesNotMatch(message, /Resource:|AWS|What to do|undefined/);
    assert.ok(message.length < 6_000);
  });

  it('superseded: by what, and what was not reached', () => {
    const error = { code: 'SUPERSEDED', message: 'Execution 2 (provision of revision 4) has taken its place.' };
    const about = withStage('DeployStaging', { status: 'Skipped', error }, { status: 'Superseded' });
    const { subject, message } = notificationOf('superseded', about);
    assert.match(subject, /^Deployment superseded: /);
    assert.ok(message.includes(error.message));
    assert.match(message, /Stages that were not reached: DeployStaging/);
  });

  it('cancelled: by whom, what was interrupted, and how to resume', () => {
    const about = withStage('DeployStaging', { status: 'Skipped' }, { status: 'Cancelled', cancelledBy: LEE });
    const { message } = notificationOf('cancelled', about, 'ApproveStaging');
    assert.ok(message.includes(`was cancelled by ${LEE}.`));
    assert.match(message, /Stage ApproveStaging was interrupted/);
    assert.match(message, /not reached: DeployStaging/);
    assert.match(message, /\/retry$/);
  });

  it('rejected: by whom and why', () => {
    const decision = { environment: 'staging', decision: 'Rejected', changeHash: HASH, by: LEE, at: '' } as const;
    const decisions = [{ ...decision, comment: 'not on a Friday' }];
    const { subject, message, data } = notificationOf(
      'rejected',
      execution({ status: 'Rejected', decisions }),
      'ApproveStaging',
    );
    assert.match(subject, /^Change rejected for staging: /);
    assert.ok(message.includes(`was rejected for staging by ${LEE}.`));
    assert.match(message, /Reason: not on a Friday/);
    assert.equal(data?.comment, 'not on a Friday');
  });

  it('describes a deletion as a deletion', () => {
    const about = execution({ kind: 'destroy', status: 'Succeeded' });
    const { subject, message } = notificationOf('succeeded', about, 'DeployDev');
    assert.match(subject, /^Deletion succeeded: /);
    assert.match(message, /^The deletion of pipeline mlops-pipeline-churn/);
  });

  it('contains paths if the address of the API is not configured', () => {
    const { message } = executionNotification('started', execution(), undefined, '');
    assert.match(message, new RegExp(`GET /executions/${ID}`));
  });
});

describe('the subject of a notification', () => {
  it('is what SNS takes, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        assert.match(asSubject(text), /^[!-~][ -~]{0,98}$/);
      }),
    );
  });

  it('keeps what can be kept', () => {
    assert.equal(asSubject('  a\nb\tc\u0000d é '), 'a b c d ?');
    assert.equal(asSubject('x'.repeat(99)), 'x'.repeat(99));
    assert.equal(asSubject('x'.repeat(100)), `${'x'.repeat(96)}...`);
  });
});
