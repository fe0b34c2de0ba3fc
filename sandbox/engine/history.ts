import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend, StackId } from './backend.ts';
import { entries, writeAtomically } from './backend.ts';
import type { Crypter } from './secrets.ts';
import type { StoredConfig } from './stack-settings.ts';
import type { StackState } from './state.ts';

export type UpdateKind = 'update' | 'preview' | 'refresh' | 'destroy' | 'import';

/** One line of a stack's history, as it is stored. Times are seconds since 1970. */
export interface HistoryEntry {
  kind: UpdateKind;
  startTime: number;
  message: string;
  environment: Record<string, string>;
  config: StoredConfig;
  version: 0;
  result: 'succeeded' | 'failed';
  endTime: number;
  resourceChanges: Record<string, number>;
}

/** Shown for a value that was encrypted with a key that the stack no longer has. */
const UNDECRYPTABLE = 'ERROR_UNABLE_TO_DECRYPT';

export function recordHistory(
  backend: Backend,
  id: StackId,
  entry: HistoryEntry,
  latest: StackState | undefined,
): void {
  // Nanoseconds since 1970 as the CLI has them: they sort, and two entries never share a name.
  const stamp = `${Date.now()}${String(process.hrtime.bigint() % 1_000_000n).padStart(6, '0')}`;
  const base = join(backend.historyDirectory(id), `${id.stack}-${stamp}`);
  writeAtomically(`${base}.checkpoint.json`, backend.checkpointText(id, latest));
  writeAtomically(`${base}.history.json`, JSON.stringify(entry));
}

/** @returns the newest first; all of them when `pageSize` is 0. */
export function readHistory(backend: Backend, id: StackId, pageSize = 0, page = 1): HistoryEntry[] {
  const directory = backend.historyDirectory(id);
  const files = entries(directory).filter((name) => name.endsWith('.history.json'));
  const start = pageSize > 0 ? (Math.max(page, 1) - 1) * pageSize : 0;
  const chosen = files.reverse().slice(start, pageSize > 0 ? start + pageSize : undefined);
  return chosen.map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as HistoryEntry);
}

/** @returns an entry as `stack history --json` prints it. */
export function presentHistory(entry: HistoryEntry, crypter: Crypter | undefined): Record<string, unknown> {
  return {
    version: entry.version,
    kind: entry.kind,
    startTime: presentTime(entry.startTime),
    message: entry.message,
    environment: entry.environment,
    config: Object.fromEntries(
      Object.entries(entry.config).map(([key, value]) => [
        key,
        typeof value === 'object' && value !== null && 'secure' in value
          ? { ...(crypter && { value: tryDecrypt(String(value.secure), crypter) }), secret: true }
          : { value: typeof value === 'string' ? value : JSON.stringify(value), secret: false },
      ]),
    ),
    result: entry.result,
    endTime: presentTime(entry.endTime),
    resourceChanges: entry.resourceChanges,
  };
}

function presentTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function tryDecrypt(ciphertext: string, crypter: Crypter): string {
  try {
    return crypter.decrypt(ciphertext);
  } catch {
    return UNDECRYPTABLE;
  }
}

/** Variables that are switches: only they show their value in the history. */
const SWITCHES = new Set([
  'PULUMI_DEBUG_COMMANDS',
  'PULUMI_SKIP_UPDATE_CHECK',
  'PULUMI_EXPERIMENTAL',
  'PULUMI_SKIP_CHECKPOINTS',
  'PULUMI_SKIP_CONFIRMATIONS',
  'PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION',
  'PULUMI_DEV',
]);

/** Which `PULUMI_*` variables were set. */
export function environmentForHistory(env: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env)
      .filter(([key, value]) => key.startsWith('PULUMI_') && value !== undefined)
      .map(([key, value]) => [
        `pulumi.env.${key}`,
        SWITCHES.has(key) ? String(value === '1' || value?.toLowerCase() === 'true') : 'set',
      ]),
  );
}
