/** Errors of step generation, in the engine's wording. */
import type { CheckFailure, Properties } from '../provider.ts';
import type { Goal } from './goal.ts';
import { containsSecret } from './properties.ts';

/** Ends the operation because of a resource that cannot be as the program wants it. Each message is a separate diagnostic. */
export class GenerationError extends Error {
  readonly urn: string;
  readonly messages: string[];

  constructor(urn: string, ...messages: string[]) {
    super(messages.join('\n'));
    this.name = 'GenerationError';
    this.urn = urn;
    this.messages = messages;
  }
}

/** @returns one failure of a check as the text of a diagnostic */
export function describeFailure(goal: Goal, inputs: Properties, failure: CheckFailure): string {
  if (failure.property === '') {
    return `${goal.type} resource '${goal.name}' has a problem: ${failure.reason}`;
  }
  const given = inputs[failure.property] ?? null;
  const value = containsSecret(given) ? '[secret]' : typeof given === 'string' ? given : JSON.stringify(given);
  return `${goal.type} resource '${goal.name}': property ${failure.property} value {${value}} has a problem: ${failure.reason}`;
}

export function replaceProtectedMessage(urn: string): string {
  return (
    `unable to replace resource "${urn}"\nas it is currently marked for protection. To unprotect the resource, ` +
    'remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`'
  );
}

/** @param keys properties that ask for the replacement of what was imported */
export function importedMessage(keys: string[], olds: Properties, news: Properties): string {
  const shown = (value: Properties[string] | undefined): string =>
    containsSecret(value ?? null)
      ? '[secret]'
      : `{${typeof value === 'string' ? value : JSON.stringify(value ?? null)}}`;
  const differences = keys.map((key) => `${key}: ${shown(olds[key])} => ${shown(news[key])}`).join('\n');
  return (
    'previously-imported resources that still specify an ID may not be replaced; ' +
    `please remove the \`import\` declaration from your program;\n${differences}`
  );
}
