/**
 * `iam.getPolicyDocument`: a policy as JSON from statements, with the rules of the real function.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/iam/getpolicydocument/
 */
import type { Properties, Property } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { isAbsent, isObject, objects, text } from './properties.ts';
import { asList } from './references.ts';

/** @throws ProviderError for sources that are no JSON, or that share a statement id. */
export function policyDocument(args: Properties): { json: string; minifiedJson: string } {
  const sources = parseAll(args, 'sourcePolicyDocuments');
  const overrides = parseAll(args, 'overridePolicyDocuments');
  const own = objects(args, 'statements').map(statementOf);
  requireDistinctSids(sources, own);
  const statements = [...sources.flatMap(({ statements }) => statements)];
  for (const statement of [...own, ...overrides.flatMap((source) => source.statements)]) place(statements, statement);
  const id = text(args, 'policyId');
  const document = {
    Version: text(args, 'version') || lastVersion([...sources, ...overrides]),
    ...(id !== '' && { Id: id }),
    Statement: statements,
  };
  return { json: JSON.stringify(document, undefined, 2), minifiedJson: JSON.stringify(document) };
}

interface Source {
  version: string;
  statements: Properties[];
}

function parseAll(args: Properties, key: string): Source[] {
  return asList(args[key])
    .filter((document) => typeof document === 'string' && document !== '')
    .map((document, index) => {
      try {
        const parsed = JSON.parse(String(document)) as Property;
        const policy = isObject(parsed) ? parsed : {};
        return { version: text(policy, 'Version'), statements: asList(policy['Statement']).filter(isObject) };
      } catch (error) {
        throw new ProviderError(`${key}[${index}] is not a policy: ${String(error)}`, { cause: error });
      }
    });
}

function lastVersion(sources: Source[]): string {
  return sources.findLast(({ version }) => version !== '')?.version ?? '2012-10-17';
}

function requireDistinctSids(sources: Source[], own: Properties[]): void {
  const seen = new Set<string>();
  for (const statement of [...sources.flatMap(({ statements }) => statements)]) {
    const sid = text(statement, 'Sid');
    if (sid !== '' && seen.has(sid)) throw new ProviderError(`duplicate Sid (${sid}) in source_policy_documents`);
    seen.add(sid);
  }
  const ownSids = own.map((statement) => text(statement, 'Sid')).filter(Boolean);
  const twice = ownSids.find((sid, index) => ownSids.indexOf(sid) !== index);
  if (twice !== undefined)
    throw new ProviderError(`duplicate Sid (${twice}). Remove the Sid or ensure the Sid is unique.`);
}

/** A statement takes the place of an earlier one with its id. */
function place(statements: Properties[], statement: Properties): void {
  const sid = text(statement, 'Sid');
  const index = sid === '' ? -1 : statements.findIndex((each) => text(each, 'Sid') === sid);
  if (index < 0) statements.push(statement);
  else statements[index] = statement;
}

function statementOf(args: Properties): Properties {
  const optional = (key: string, value: Property | undefined): Properties =>
    value === undefined ? {} : { [key]: value };
  return {
    ...(isAbsent(args['sid']) ? {} : { Sid: text(args, 'sid') }),
    Effect: text(args, 'effect') || 'Allow',
    ...optional('Principal', principalsOf(args, 'principals')),
    ...optional('NotPrincipal', principalsOf(args, 'notPrincipals')),
    ...optional('Action', listOf(args['actions'])),
    ...optional('NotAction', listOf(args['notActions'])),
    ...optional('Resource', listOf(args['resources'])),
    ...optional('NotResource', listOf(args['notResources'])),
    ...optional('Condition', conditionsOf(args)),
  };
}

/** One element is written as a scalar, several sorted from the last to the first. */
function listOf(value: Property | undefined): Property | undefined {
  const list = asList(value).map(String).sort().reverse();
  return list.length <= 1 ? list[0] : list;
}

function principalsOf(args: Properties, key: string): Property | undefined {
  const principals = objects(args, key);
  if (principals.length === 0) return undefined;
  if (principals.some((principal) => principal['type'] === '*')) return '*';
  const byType: Record<string, string[]> = {};
  for (const principal of principals) {
    (byType[text(principal, 'type')] ??= []).push(...asList(principal['identifiers']).map(String));
  }
  return Object.fromEntries(Object.entries(byType).map(([type, names]) => [type, listOf(names) ?? []]));
}

function conditionsOf(args: Properties): Property | undefined {
  const conditions = objects(args, 'conditions');
  if (conditions.length === 0) return undefined;
  const byTest: Record<string, Record<string, Property>> = {};
  for (const condition of conditions) {
    const values = asList(condition['values']).map(String);
    const value: Property = values.length === 1 ? (values[0] ?? '') : values;
    (byTest[text(condition, 'test')] ??= {})[text(condition, 'variable')] = value;
  }
  return byTest;
}
