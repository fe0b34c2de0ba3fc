/** What programs, language hosts and components in providers are told of the operation that they are part of. */
import { list, map, plain } from './message-fields.ts';
import type { Fields } from './message-fields.ts';

export interface OperationContext {
  organization: string;
  project: string;
  stack: string;
  /** A preview. */
  dryRun: boolean;
  parallel: number;
  /** Secrets in the clear. */
  config: Record<string, string>;
  /** The keys of those that are secret. */
  configSecretKeys: string[];
}

/** The same in every message that carries it. */
export const contextFields: Fields<OperationContext> = {
  organization: plain('Organization'),
  project: plain('Project'),
  stack: plain('Stack'),
  dryRun: plain('Dryrun'),
  parallel: plain('Parallel'),
  config: map('Config'),
  configSecretKeys: list('Configsecretkeys'),
};
