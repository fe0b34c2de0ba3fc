import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Role, RolePatterns } from '../../../automation/config/caller-roles.ts';
import {
  ROLES,
  hasRole,
  isSamePerson,
  namesOfPerson,
  patternFault,
  personOf,
  settingsGiving,
} from '../../../automation/config/caller-roles.ts';

const KIM = 'arn:aws:sts::111122223333:assumed-role/DataScientist/kim@example.com';

function only(role: Role, ...patterns: string[]): RolePatterns {
  return { viewer: [], provisioner: [], approver: [], admin: [], [role]: patterns };
}

/** Roles that the principal has. */
function rolesOf(patterns: RolePatterns, principal = KIM): Role[] {
  return ROLES.filter((role) => hasRole(patterns, principal, role));
}

describe('roles', () => {
  it('are granted to every caller as long as none is assigned', () => {
    assert.deepEqual(rolesOf({ viewer: [], provisioner: [], approver: [], admin: [] }, 'anybody'), [...ROLES]);
  });

  it('are granted only to their callers once one is assigned', () => {
    assert.deepEqual(rolesOf(only('approver', KIM), 'arn:aws:iam::111122223333:user/lee'), []);
  });

  it('include looking; admins may do everything', () => {
    assert.deepEqual(rolesOf(only('viewer', KIM)), ['viewer']);
    assert.deepEqual(rolesOf(only('provisioner', KIM)), ['viewer', 'provisioner']);
    assert.deepEqual(rolesOf(only('approver', KIM)), ['viewer', 'approver']);
    assert.deepEqual(rolesOf(only('admin', KIM)), [...ROLES]);
  });

  it('name the settings that give them', () => {
    assert.equal(settingsGiving('approver'), 'APPROVER_ARNS or ADMIN_ARNS');
    assert.equal(settingsGiving('viewer'), 'VIEWER_ARNS or PROVISIONER_ARNS or APPROVER_ARNS or ADMIN_ARNS');
  });

  for (const [pattern, principal] of [
    ['*', KIM],
    ['*', 'sandbox-user'],
    [KIM, KIM],
    ['arn:aws:sts::111122223333:assumed-role/DataScientist/*', KIM],
    ['arn:aws:sts::111122223333:assumed-role/Data*', KIM],
    ['arn:aws:sts::111122223333:assumed-role/*/kim@example.com', KIM],
    ['arn:aws:sts::*:assumed-role/DataScientist/kim@example.com', KIM],
    ['arn:aws:sts::11112222333?:assumed-role/DataScientist/kim@example.com', KIM],
    ['arn:aws:iam::111122223333:role/DataScientist', KIM],
    ['arn:aws:iam::111122223333:role/Data*', KIM],
    ['arn:aws:iam::*:role/DataScientist', KIM],
    ['arn:aws:iam::111122223333:role/team/a/DataScientist', KIM],
    ['arn:*:iam::111122223333:user/*', 'arn:aws-cn:iam::111122223333:user/team/lee'],
    ['arn:aws:iam::111122223333:*', 'arn:aws:iam::111122223333:root'],
  ] as const) {
    it(`${pattern} is ${principal}`, () => assert.deepEqual(rolesOf(only('viewer', pattern), principal), ['viewer']));
  }

  for (const [pattern, principal] of [
    ['arn:aws:iam::111122223333:role/Data', KIM],
    ['arn:aws:iam::111122223334:role/DataScientist', KIM],
    ['arn:aws-cn:iam::111122223333:role/DataScientist', KIM],
    ['ARN:aws:iam::111122223333:role/DataScientist', KIM],
    ['arn:aws:iam::111122223333:user/DataScientist', KIM],
    ['rn:aws:iam::111122223333:role/DataScientist', KIM],
    ['arn:aws:iam::111122223333:role/team/a/Other', KIM],
    // A dot is a dot.
    ['arn:aws:iam::111122223333:user/a.b', 'arn:aws:iam::111122223333:user/axb'],
    ['arn:aws:iam::111122223333:user/(a+)+$', 'arn:aws:iam::111122223333:user/aaaa'],
    // The caller who assumes a role chooses the session name, so it must not grant a role here.
    ['arn:aws:sts::111122223333:assumed-role/*-admin', 'arn:aws:sts::111122223333:assumed-role/Intern/x-admin'],
    ['arn:aws:iam::111122223333:role/*-admin', 'arn:aws:sts::111122223333:assumed-role/Intern/x-admin'],
    ['arn:aws:iam::*:role/Admin', 'arn:aws:iam::1:role/x:role/Admin'],
  ] as const) {
    it(`${pattern} is not ${principal}`, () => assert.deepEqual(rolesOf(only('viewer', pattern), principal), []));
  }

  it('take any text as a name without trouble; a pattern without wildcards is itself only', () => {
    const name = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => !/[*?]/.test(text));
    fc.assert(
      fc.property(name, name, (pattern, principal) => {
        assert.equal(hasRole(only('viewer', pattern), principal, 'viewer'), pattern === principal);
      }),
    );
  });
});

describe('patterns of ARNs', () => {
  it('may be ARNs, names and wildcards', () => {
    for (const pattern of ['*', KIM, 'sandbox-user', 'arn:aws:iam::1:role/team/Exact', 'arn:aws:iam::*:role/Data*']) {
      assert.equal(patternFault(pattern), undefined, pattern);
    }
  });

  it('are refused where they could never match', () => {
    assert.match(patternFault('arn:aws:iam::1:role/team/*') ?? '', /do not contain the path of the role/);
    assert.match(patternFault('arn:aws:iam::*:role/team/Exact') ?? '', /do not contain the path of the role/);
    assert.match(patternFault('kim lee') ?? '', /not an ARN/);
  });
});

describe('a person', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/DataScientist';

  it('is the role that was assumed, whatever the session calls itself', () => {
    assert.equal(personOf(KIM, []), ROLE);
    assert.equal(personOf(KIM.replace('kim@', 'lee@'), []), ROLE);
    assert.equal(personOf(ROLE, []), ROLE);
    assert.notEqual(personOf(KIM.replace('111122223333', '444455556666'), []), ROLE, 'of another account');
  });

  it('is the session if its names are trusted, and only then', () => {
    const trusted = ['arn:aws:iam::111122223333:role/Data*'];
    assert.equal(personOf(KIM, trusted), KIM);
    assert.equal(personOf(KIM.replace('DataScientist', 'Other'), trusted), 'arn:aws:iam::111122223333:role/Other');
  });

  it('is not whom a federation token names, which its owner chose', () => {
    const federated = (name: string) => `arn:aws:sts::111122223333:federated-user/${name}`;
    assert.equal(personOf(federated('kim'), []), personOf(federated('lee'), []));
    assert.notEqual(personOf(federated('kim'), [federated('*')]), personOf(federated('lee'), [federated('*')]));
  });

  it('is the same in any spelling: names of one account differ in more than case', () => {
    assert.ok(isSamePerson(KIM, KIM.replace('DataScientist', 'datascientist'), []));
    assert.ok(isSamePerson('arn:aws:iam::111122223333:user/Kim', 'arn:aws:iam::111122223333:user/kim', []));
    assert.ok(!isSamePerson(KIM, KIM.replace('DataScientist', 'Approver'), []));
  });

  it('is an IAM user, or the caller named in the sandbox', () => {
    for (const principal of ['arn:aws:iam::111122223333:user/ml/kim', 'kim', 'model-package:arn:aws:sagemaker:x']) {
      assert.equal(personOf(principal, []), principal);
    }
  });

  it('otherwise compares the last part of an ARN, ignoring case', () => {
    assert.ok(namesOfPerson('arn:aws:iam::111122223333:user/ml/Kim').includes('kim'));
    assert.ok(namesOfPerson(KIM).includes('kim@example.com'));
    assert.deepEqual(namesOfPerson('Kim'), ['kim']);
  });
});
