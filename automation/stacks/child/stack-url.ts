/** The page of a stack in Pulumi Cloud, taken from the output of `pulumi up`. Pure. */
import { escapeRegExp } from 'es-toolkit/string/escapeRegExp';
import type { StackOperation } from '../operation.ts';
import { stackKey } from '../operation.ts';

/**
 * The CLI prints the page of the update, which is below the stack's page; `pulumi stack ls` would be another invocation.
 * @returns undefined if the backend has no web pages
 */
export function stackUrlIn(output: string, stack: Pick<StackOperation, 'project' | 'stack'>): string | undefined {
  const page = new RegExp(String.raw`https?://\S+/${escapeRegExp(stackKey(stack))}(?=/updates/\d+)`);
  return page.exec(output)?.[0];
}
