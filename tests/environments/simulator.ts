/** Asks what policies come to: an IAM simulator, and where AWS tells it too little, the plain rules of matching. */
import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { Run } from '../../blueprints/testing.ts';
import { ACCOUNT } from '../../blueprints/testing.ts';

export type Call = readonly [action: string, resource: string, context?: Record<string, string>];

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}
export interface Document {
  Statement: Statement[];
}

export interface Policies {
  /** Of the caller. */
  identity: readonly Document[];
  boundary?: Document | undefined;
  /** Of the resource; none: its owner lets everybody in. */
  resource?: Document | undefined;
  /** Default: a role of {@link ACCOUNT}. */
  principal?: string;
}

export type Answer = 'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied';

/** Programs share most of their statements, and so the same questions come up again. */
const answers = new Map<string, Promise<Answer>>();

export async function decide(policies: Policies, call: Call): Promise<Answer> {
  const key = JSON.stringify([policies, call]);
  const answer = answers.get(key) ?? simulate(policies, call);
  answers.set(key, answer);
  return await answer;
}

async function simulate(policies: Policies, [action, resource, context = {}]: Call): Promise<Answer> {
  const { identity, boundary, principal = `arn:aws:iam::${ACCOUNT}:role/any` } = policies;
  const named = (documents: readonly Document[]) => documents.map((policy, i) => ({ name: `policy-${i}`, policy }));
  const response = await runSimulation(
    {
      identityPolicies: named(identity),
      ...(boundary ? { permissionBoundaryPolicies: named([boundary]) } : {}),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...resourcePolicy(policies, resource, principal),
      request: {
        action,
        principal,
        resource: { resource, accountId: ownerOf({ ...policies, principal }, resource) },
        contextVariables: context,
      },
    },
    {},
  );
  if (response.resultType !== 'error') return response.overallResult as Answer;
  // The data of the simulator lists no resources of HTTP APIs, nor packages for CreateModel.
  if (JSON.stringify(response).includes('no.resource.types')) return match(policies, [action, resource, context]);
  throw new Error(`${action} on ${resource}: ${JSON.stringify(response)}`);
}

/** What names no account is the caller's own, unless its policy is tried: that is on what {@link ACCOUNT} shares. */
function ownerOf({ resource: document, principal = '' }: Policies, resource: string): string {
  return resource.split(':')[4] || (document ? ACCOUNT : (principal.split(':')[4] ?? ACCOUNT));
}

function resourcePolicy(policies: Policies, resource: string, principal: string): object {
  const { resource: document } = policies;
  if (document) return { resourcePolicy: document };
  const service = resource.split(':')[2] ?? '';
  const other = ownerOf({ ...policies, principal }, resource) !== principal.split(':')[4];
  // A key's policy always has a say, even for its own account.
  if (!other && service !== 'kms') return {};
  const open = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${principal.split(':')[4] ?? ''}:root` },
    Action: `${service}:*`,
    ...(service === 'ecr' ? {} : { Resource: service === 'kms' ? '*' : resource }),
  };
  return { resourcePolicy: { Version: '2012-10-17', Statement: [open] } };
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
function match({ identity, boundary }: Policies, call: Call): Answer {
  const layers = [identity, ...(boundary ? [[boundary]] : [])];
  const applying = layers.map((documents) =>
    documents.flatMap(({ Statement }) => Statement).filter((s) => applies(s, call)),
  );
  if (applying.flat().some(({ Effect }) => Effect === 'Deny')) return 'ExplicitlyDenied';
  return applying.every((layer) => layer.length > 0) ? 'Allowed' : 'ImplicitlyDenied';
}

const list = (value: string | string[] = []): string[] => (Array.isArray(value) ? value : [value]);

function like(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`).test(text);
}

function applies({ Action, Resource, Condition = {} }: Statement, [action, resource, context = {}]: Call): boolean {
  return (
    list(Action).some((pattern) => like(pattern, action)) &&
    list(Resource).some((pattern) => like(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, context[key], list(wanted))),
    )
  );
}

function holds(operator: string, value: string | undefined, wanted: string[]): boolean {
  const plain = operator.replace(/IfExists$/, '');
  if (value === undefined) return plain !== operator;
  if (plain === 'StringLike') return wanted.some((pattern) => like(pattern, value));
  if (plain === 'StringEquals' || plain === 'Bool') return wanted.includes(value);
  throw new Error(`the tests know no ${operator}`);
}

/** The documents of managed and inline policies that a program makes, by logical name. */
export function policiesOf(made: Run, type: 'Policy' | 'RolePolicy'): Map<string, Document> {
  const found = made.resources.filter(
    (one) => one.type === `aws:iam/${type[0]?.toLowerCase()}${type.slice(1)}:${type}`,
  );
  return new Map(found.map(({ name, inputs }) => [name, JSON.parse(String(inputs.policy)) as Document]));
}
