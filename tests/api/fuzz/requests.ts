/**
 * Requests to every route of the OpenAPI document, right, half right and hostile: what fuzz.spec.ts sends. Values are
 * drawn by fast-check, so that a seed repeats them.
 */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { PIPELINE_TYPES } from '../../../blueprints/blueprint.ts';
import { exampleFor, requireBlueprint } from '../../../blueprints/registry.ts';

export const WEBHOOK_SECRET = 'a-secret-of-the-webhooks';
export const REPOSITORY = 'acme/models';

interface Parameter {
  name: string;
  in: 'path' | 'query';
  schema: { enum?: unknown[] };
}

interface Operation {
  operationId: string;
  parameters: Parameter[];
  requestBody?: unknown;
  responses: Record<string, unknown>;
}

/** As much of the document as is needed here. */
export interface Document {
  paths: Record<string, Record<string, Operation>>;
}

export interface FuzzedRequest {
  /** `METHOD /path/{parameter}`. */
  route: string;
  method: string;
  /** Encoded, with the query. */
  target: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** Statuses that the document declares. */
  declared: string[];
}

/** What there is in the service, so that some requests find something. */
export interface Known {
  pipelines: string[];
  executions: string[];
}

const text = fc.string({ unit: 'binary', maxLength: 40 });
/** Texts that break parsers, patterns, databases and clocks. */
const odd = fc.oneof(
  text,
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\ufeff',
    '..',
    '../../etc/passwd',
    '__proto__',
    'constructor',
    'toString',
    "'; DROP TABLE mlops.executions; --",
    '%',
    '%s%n',
    '{}',
    '[]',
    'null',
    'NaN',
    'Infinity',
    '-0',
    '1e999',
    '0x10',
    '9223372036854775807',
    '9223372036854775808',
    '2147483648',
    '-1',
    '0',
    '1.5',
    '١',
    '-271821-04-20T00:00:00Z',
    '+275760-09-13T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    '2026-02-30',
    '2026-W01-1',
    '1e3',
    'x'.repeat(300),
    'x'.repeat(5_000),
  ),
);

/** @param known ids that exist */
export function anyRequest(document: Document, known: Known): fc.Arbitrary<FuzzedRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, ofPath]) =>
    Object.entries(ofPath).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  return fc.constantFrom(...operations).chain(({ path, method, operation }) =>
    fc
      .record({
        target: targetOf(path, operation, known),
        headers: headersOf(operation),
        sent: operation.requestBody ? bodyOf(operation, path, known) : fc.constant({}),
      })
      .map(({ target, headers, sent }: { target: string; headers: Record<string, string>; sent: Sent }) => ({
        route: `${method} ${path}`,
        method,
        target,
        headers: { ...headers, ...sent.headers },
        ...(sent.body ? { body: sent.body } : {}),
        declared: Object.keys(operation.responses),
      })),
  );
}

/** A path with values for its parameters, and a query. */
function targetOf(path: string, { parameters }: Operation, known: Known): fc.Arbitrary<string> {
  const values = parameters.map(({ name }) => (name === 'id' ? idOf(path, known) : valueOf(name, known)));
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const filled = fc
    .tuple(...inPath.map((parameter) => values[parameters.indexOf(parameter)] ?? odd))
    .map((all) => inPath.reduce((text, { name }, index) => text.replace(`{${name}}`, () => encoded(all[index])), path));
  const pair = fc.oneof(
    { weight: 9, arbitrary: inQuery.length > 0 ? fc.constantFrom(...inQuery).chain((one) => pairOf(one, known)) : odd },
    { weight: 1, arbitrary: fc.tuple(odd, odd).map(([name, value]) => `${encoded(name)}=${encoded(value)}`) },
    { weight: 1, arbitrary: fc.constantFrom('%', 'limit[]=1', 'limit[a]=1', 'limit=1&limit=2', '&&&', '=', '%ff=%ff') },
  );
  const query = fc.array(pair, { maxLength: inQuery.length > 0 ? 4 : 1 }).map((pairs) => pairs.join('&'));
  return fc
    .tuple(filled, query)
    .map(([filledPath, asked]) => (asked === '' ? filledPath : `${filledPath}?${ascii(asked)}`));
}

function pairOf({ name, schema }: Parameter, known: Known): fc.Arbitrary<string> {
  const valid = Array.isArray(schema.enum) ? fc.constantFrom(...schema.enum.map(String)) : valueOf(name, known);
  return fc
    .oneof({ weight: 4, arbitrary: valid }, { weight: 1, arbitrary: odd })
    .map((value) => `${name}=${encoded(value)}`);
}

function idOf(path: string, known: Known): fc.Arbitrary<string> {
  const ids = path.startsWith('/executions')
    ? known.executions
    : path.startsWith('/deliveries')
      ? ['1', '2']
      : known.pipelines;
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...ids) }, { weight: 1, arbitrary: fc.uuid() }, odd);
}

/** Values for parameters by their names; those of ids are ids that exist. */
function valueOf(name: string, { pipelines, executions }: Known): fc.Arbitrary<string> {
  const likely: Readonly<Record<string, fc.Arbitrary<string>>> = {
    limit: fc.integer({ min: -1, max: 1_001 }).map(String),
    after: fc.oneof(fc.constantFrom(...executions, ...pipelines), fc.uuid(), fc.nat().map(String)),
    pipelineId: fc.constantFrom(...pipelines),
    executionId: fc.constantFrom(...executions),
    environment: fc.constantFrom('main', 'dev', 'staging', 'prod'),
    revision: fc.integer({ min: 0, max: 5 }).map(String),
    to: fc.integer({ min: 0, max: 5 }).map(String),
    type: fc.constantFrom(...PIPELINE_TYPES),
    since: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    until: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    last_event_id: fc.nat().map(String),
  };
  return fc.oneof({ weight: 3, arbitrary: likely[name] ?? odd }, odd);
}

function headersOf({ operationId }: Operation): fc.Arbitrary<Record<string, string>> {
  const header = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
  return fc
    .record(
      {
        accept: fc.oneof(
          fc.constantFrom('*/*', 'application/json', 'application/x-ndjson', 'text/html', ';;q=,'),
          header,
        ),
        prefer: fc.oneof(fc.constantFrom('respond-async', 'wait=0', 'wait=999999', 'wait=x, respond-async'), header),
        'last-event-id': fc.oneof(fc.nat().map(String), header),
        'x-request-id': header,
        range: fc.constantFrom('bytes=0-0', 'bytes=9-1', 'x=1'),
        'if-modified-since': fc.constantFrom('x', 'Thu, 01 Jan 1970 00:00:00 GMT'),
        'x-mlops-caller': fc.oneof(fc.constantFrom('kim', 'lee', 'arn:aws:sts::111111111111:assumed-role/r/s'), header),
      },
      { requiredKeys: [] },
    )
    .map((headers) => (operationId.endsWith('Webhook') ? { ...headers, 'x-github-event': 'push' } : headers));
}

interface Sent {
  headers?: Record<string, string>;
  body?: Buffer;
}

/** Bytes for a body, more or less of the kind that the route expects. */
function bodyOf({ operationId }: Operation, path: string, known: Known): fc.Arbitrary<Sent> {
  const likely = operationId.endsWith('Webhook') ? pushes : (LIKELY[operationId]?.(known) ?? fc.constant({}));
  const json = fc.oneof(
    { weight: 5, arbitrary: likely },
    { weight: 3, arbitrary: likely.chain(changed) },
    { weight: 1, arbitrary: fc.jsonValue({ stringUnit: 'binary' }) },
  );
  const bytes = fc.oneof(
    { weight: 20, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value))) },
    fc.uint8Array({ maxLength: 50 }).map((random) => Buffer.from(random)),
    fc.constantFrom(...HOSTILE).map((hostile) => Buffer.from(hostile)),
  );
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant('application/json') },
    fc.constantFrom(
      'application/json; charset=utf-16',
      'text/plain',
      'application/ld+json',
      'x',
      ';',
      'multipart/form-data',
    ),
  );
  const encoding = fc.oneof({ weight: 20, arbitrary: fc.constant('') }, fc.constantFrom('gzip', 'identity', 'x'));
  return fc.tuple(bytes, type, encoding).map(([body, contentType, contentEncoding]) => ({
    body,
    headers: {
      'content-type': contentType,
      ...(contentEncoding ? { 'content-encoding': contentEncoding } : {}),
      ...(operationId.endsWith('Webhook') ? signed(path, body) : {}),
    },
  }));
}

/** Nested, wide, cut off, in another encoding, with what JSON takes and PostgreSQL does not. */
const HOSTILE = [
  '',
  '{',
  '{"a":1}{"a":1}',
  '\u0000',
  '\ufeff{}',
  '{"model_name":"\\u0000"}',
  '{"model_name":"\\ud800"}',
  '{"__proto__":{"admin":true}}',
  '{"pipeline_type":"byom_realtime_builtin","pipeline_type":"byom_batch_builtin"}',
  `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
  `[${'1,'.repeat(20_000)}1]`,
  `{"model_name":"${'x'.repeat(200_000)}"}`,
  '{"revision":1e400}',
  '{"pipeline_id":["a"]}',
];

const model = fc.constantFrom('fuzz-a', 'fuzz-b', 'fuzz-c', 'fuzz-d');

const provisions = fc
  .tuple(fc.constantFrom(...PIPELINE_TYPES), model, fc.boolean())
  .map(([type, name, isProtected]) => {
    const example = exampleFor(requireBlueprint(type), SETTINGS);
    return {
      ...example,
      ...('model_name' in example ? { model_name: name } : {}),
      ...(isProtected ? { protected: true } : {}),
    };
  });

const SETTINGS = { useModelRegistry: false, multiAccount: true, pipelinePrefix: 'mlops-pipeline' };

const cards = fc
  .tuple(
    fc.constantFrom('create', 'update', 'describe', 'delete', 'export', 'list', 'list_versions_of'),
    fc.constantFrom('card-a', 'card-b'),
    fc.constantFrom('Draft', 'Approved', 'Archived'),
  )
  .map(([verb, name, status]) => {
    if (verb === 'list') return { pipeline_type: 'list_model_cards' };
    if (verb === 'list_versions_of') return { pipeline_type: 'list_model_card_versions', name };
    const about = verb === 'create' || verb === 'update' ? { status } : {};
    return { pipeline_type: `${verb}_model_card`, name, ...about };
  });

const LIKELY: Readonly<Record<string, (known: Known) => fc.Arbitrary<unknown>>> = {
  provisionPipeline: () => fc.oneof({ weight: 4, arbitrary: provisions }, { weight: 1, arbitrary: cards }),
  pipelineStatus: ({ pipelines }) => fc.constantFrom(...pipelines).map((pipeline_id) => ({ pipeline_id })),
  previewPipeline: () =>
    fc.constantFrom('ml.m5.large', 'ml.m5.xlarge').map((inference_instance) => ({ inference_instance })),
  rollBackPipeline: () => fc.integer({ min: 0, max: 4 }).map((revision) => ({ revision })),
  decideOnChange: () =>
    fc.record({
      decision: fc.constantFrom('Approved', 'Rejected', 'reject '),
      changeHash: fc.string({ maxLength: 70 }),
      comment: odd,
    }),
  decideStackState: () => fc.record({ decision: fc.constantFrom('adopt', 'recreate'), comment: odd }),
  handleEvent: () =>
    fc.constantFrom('Approved', 'Rejected').map((ModelApprovalStatus) => ({
      source: 'aws.sagemaker',
      'detail-type': 'SageMaker Model Package State Change',
      account: '111111111111',
      region: 'us-east-1',
      detail: {
        ModelPackageGroupName: 'group',
        ModelPackageArn: 'arn:aws:sagemaker:us-east-1:111111111111:model-package/group/1',
        ModelApprovalStatus,
      },
    })),
};

const pushes = fc
  .tuple(fc.constantFrom('main', 'other', '\u0000', 'x'.repeat(500)), fc.integer({ min: 0, max: 3 }), odd)
  .map(([branch, digit, name]) => ({
    ref: `refs/heads/${branch}`,
    after: String(digit).repeat(40),
    checkout_sha: String(digit).repeat(40),
    repository: { full_name: REPOSITORY, name },
    project: { path_with_namespace: REPOSITORY },
    pusher: { name, email: name },
    head_commit: { author: { name } },
    object_kind: 'push',
    eventKey: 'repo:refs_changed',
    push: { changes: [{ new: { type: 'branch', name: branch, target: { hash: String(digit).repeat(40) } } }] },
  }));

/** Replaces, adds or removes a few keys. */
function changed(value: unknown): fc.Arbitrary<unknown> {
  const entries = Object.entries(value as Record<string, unknown>);
  const names = fc.oneof(fc.constantFrom(...entries.map(([key]) => key), 'pipeline_type', 'protected'), odd);
  const values = fc.oneof(odd, fc.jsonValue({ stringUnit: 'binary' }), fc.double(), fc.constant(undefined));
  return fc
    .array(fc.tuple(names, values), { minLength: 1, maxLength: 3 })
    .map((changes) => Object.fromEntries([...entries, ...changes]));
}

function signed(path: string, body: Buffer): Record<string, string> {
  const signature = `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;
  if (path.endsWith('github')) return { 'x-hub-signature-256': signature };
  if (path.endsWith('gitlab')) return { 'x-gitlab-token': WEBHOOK_SECRET, 'x-gitlab-event': 'Push Hook' };
  return { 'x-hub-signature': signature, 'x-event-key': 'repo:push' };
}

/** Half surrogates cannot be encoded; what is hostile about them can be sent in a body. */
function encoded(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed());
}

function ascii(query: string): string {
  return query.replace(/[^\x21-\x7e]/g, (character) => encoded(character));
}
