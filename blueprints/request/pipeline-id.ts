/** The id of a pipeline, from the name in its request: it is part of stack names, URLs and the names of AWS resources. */
import { createHash } from 'node:crypto';
import { shortName } from '../shared/aws/physical-name.ts';

/**
 * A stack name has at most 100 characters: prefix (20), name, the longest postfix (30), environment (7) and what is between
 * them. @see https://www.pulumi.com/docs/iac/concepts/stacks/#stack-naming
 */
const NAME_LIMIT = 40;
const HASH_LENGTH = 6;

/** `<prefix>-<name>-<postfix>`, lower case; a name that is too long, or has other characters, is cut and made unique by a hash. */
export function pipelineIdOf(prefix: string, name: string, postfix: string): string {
  return `${prefix}-${idPart(name)}-${postfix}`.toLowerCase();
}

function idPart(name: string): string {
  const lower = name.toLowerCase();
  const plain = lower.replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '');
  if (plain === lower) return shortName(lower, NAME_LIMIT);
  // Tags such as 1.0 and 1-0 are two pipelines.
  const hash = createHash('sha256').update(lower).digest('hex').slice(0, HASH_LENGTH);
  return `${plain.slice(0, NAME_LIMIT - HASH_LENGTH - 1).replace(/-+$/, '') || 'tag'}-${hash}`;
}
