/** The updates of a stack, as recorded by its backend. */
import type { HistoryEntry } from '../../../model.ts';
import type { StackOperation } from '../../operation.ts';
import { stackKey } from '../../operation.ts';
import type { Outcome } from '../context.ts';
import type { StackWorkspace } from '../workspace.ts';

/** The newest entries; older ones are read from the backend itself. */
const HISTORY_PAGE = 100;

export async function history(operation: StackOperation, workspace: StackWorkspace): Promise<Outcome> {
  const stack = await workspace.select();
  const entries = stack ? await stack.history(HISTORY_PAGE) : [];
  return {
    history: entries.map((entry, index): HistoryEntry => ({
      environment: operation.environment.name,
      stack: stackKey(operation),
      // File and S3 back ends leave the version at 0: number them as Pulumi Cloud does.
      version: entry.version || entries.length - index,
      kind: entry.kind,
      startTime: new Date(entry.startTime).toISOString(),
      ...(entry.endTime ? { endTime: new Date(entry.endTime).toISOString() } : {}),
      result: entry.result,
      message: entry.message,
      ...(entry.resourceChanges ? { resourceChanges: entry.resourceChanges as Record<string, number> } : {}),
      config: Object.fromEntries(
        Object.entries(entry.config ?? {}).map(([key, { value, secret }]) => [
          key,
          { ...(secret ? {} : { value }), secret: secret ?? false },
        ]),
      ),
    })),
  };
}
