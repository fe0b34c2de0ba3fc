import assert from 'node:assert/strict';
import type { Express } from 'express';
import request from 'supertest';
import type { Role } from '../../automation/config/caller-roles.ts';
import { REQUEST, testApi } from '../support/api.ts';

interface Operation {
  name: string;
  method: 'get' | 'post' | 'delete';
  path: string;
  role: Role | 'open';
  statuses: string[];
}

/** One person for each role, and one without any. */
const PATTERNS = {
  viewer: ['arn:aws:iam::111122223333:role/Viewer'],
  provisioner: ['arn:aws:iam::111122223333:role/Provisioner'],
  approver: ['arn:aws:iam::111122223333:role/Approver'],
  admin: ['arn:aws:iam::111122223333:role/Admin'],
};
const PEOPLE = ['Viewer', 'Provisioner', 'Approver', 'Admin', 'Stranger'] as const;
type Person = (typeof PEOPLE)[number];

const MAY: Record<Role | 'open', readonly Person[]> = {
  open: PEOPLE,
  viewer: ['Viewer', 'Provisioner', 'Approver', 'Admin'],
  provisioner: ['Provisioner', 'Admin'],
  approver: ['Approver', 'Admin'],
  admin: ['Admin'],
};

/** What is not as the method says: GET is for viewers, everything else for provisioners. */
const EXCEPTIONS: [RegExp, Role | 'open'][] = [
  [/^DELETE \/pipelines\/\{id\}\/protection$/, 'admin'],
  [/^GET \/(healthz|readyz|metrics)$/, 'open'],
  [/^POST \/(webhooks\/|sign-out$)/, 'open'],
  [/^GET \/audit$/, 'admin'],
  [/\/environments\/\{environment\}\/state$/, 'admin'],
  [/^POST \/events$/, 'admin'],
  [/^POST \/pipelinestatus$/, 'viewer'],
  [/^POST \/executions\/\{id\}\/approvals\/\{environment\}$/, 'approver'],
];

function expectedRole({ method, path }: Operation): Role | 'open' {
  const exception = EXCEPTIONS.find(([pattern]) => pattern.test(`${method.toUpperCase()} ${path}`));
  return exception?.[1] ?? (method === 'get' ? 'viewer' : 'provisioner');
}

async function operationsOf(app: Express): Promise<Operation[]> {
  const { body } = await request(app).get('/openapi.json').set('x-caller', arnOf('Viewer')).expect(200);
  const paths = Object.entries(body.paths as Record<string, Record<string, Record<string, unknown>>>);
  return paths.flatMap(([path, ofPath]) =>
    Object.entries(ofPath).map(([method, { operationId, 'x-role': role, responses }]) => ({
      name: String(operationId),
      method: method as Operation['method'],
      path,
      role: role as Operation['role'],
      statuses: Object.keys(responses as object),
    })),
  );
}

async function statusOf(app: Express, method: Operation['method'], path: string, person: Person): Promise<number> {
  const agent = request(app);
  const { status } = await agent[method](path.replace(/\{\w+\}/g, 'x')).set('x-caller', arnOf(person));
  return status;
}

function arnOf(person: Person): string {
  return `arn:aws:sts::111122223333:assumed-role/${person}/session`;
}

describe('roles of the calls', () => {
  it('are those of docs/access.md, and published', async () => {
    const operations = await operationsOf(testApi({ roles: PATTERNS }).app);
    assert.ok(operations.length >= 17);
    for (const operation of operations) {
      assert.equal(operation.role, expectedRole(operation), operation.name);
      const mayBeRefused = operation.role !== 'open';
      assert.equal(
        operation.statuses.includes('401') && operation.statuses.includes('403'),
        mayBeRefused,
        operation.name,
      );
    }
  });

  for (const person of PEOPLE) {
    it(`let ${person} call what the role allows, and refuse the rest before looking at it`, async () => {
      const { app, orchestrator } = testApi({ roles: PATTERNS });
      for (const { name, method, path, role } of await operationsOf(app)) {
        orchestrator.calls.length = 0;
        const status = await statusOf(app, method, path, person);
        if (MAY[role].includes(person)) {
          assert.ok(status !== 401 && status !== 403, `${name} ${status}`);
        } else {
          assert.equal(status, 403, name);
          assert.deepEqual(changes(orchestrator.calls), [], name);
        }
      }
    });
  }

  it('refuse with the role that is missing and the settings that give it', async () => {
    const { app } = testApi({ roles: PATTERNS });
    const { body, headers } = await request(app)
      .post('/provisionpipeline')
      .set('x-caller', arnOf('Approver'))
      .send(REQUEST)
      .expect(403);
    assert.equal(headers['x-error-code'], 'FORBIDDEN');
    assert.equal(body.message, 'A Forbidden exception occurred');
    assert.match(
      body.detailedMessage,
      /assumed-role\/Approver\/session may not do this: it requires the role provisioner/,
    );
    assert.match(body.detailedMessage, /PROVISIONER_ARNS or ADMIN_ARNS/);
  });

  it('count for HEAD as for GET', async () => {
    const { app } = testApi({ roles: PATTERNS });
    await request(app).head('/pipelines').set('x-caller', arnOf('Stranger')).expect(403);
    await request(app).head('/pipelines').set('x-caller', arnOf('Viewer')).expect(200);
  });

  it('are everybody’s where no setting gives any', async () => {
    const { app } = testApi();
    for (const { name, method, path } of await operationsOf(app)) {
      const status = await statusOf(app, method, path, 'Stranger');
      assert.notEqual(status, 403, name);
    }
  });
});

/** Calls that do something, other than to keep that somebody was refused. */
function changes(calls: readonly { method: string }[]): string[] {
  return calls.map(({ method }) => method).filter((method) => method !== 'recordDenied');
}
