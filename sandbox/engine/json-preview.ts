import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { EventListener, Severity } from './events.ts';

/** Collects what `preview --json` prints. */
export class JsonPreview implements EventListener {
  config: Record<string, string> = {};
  readonly steps: unknown[] = [];
  readonly diagnostics: unknown[] = [];

  onEvent(event: EngineEvent, internal: boolean): void {
    if (internal) {
      return;
    }
    if (event.preludeEvent) {
      this.config = event.preludeEvent.config;
    } else if (event.resourcePreEvent) {
      const { op, urn, provider, old, new: fresh, keys, diffs, detailedDiff } = event.resourcePreEvent.metadata;
      this.steps.push({
        op,
        urn,
        provider,
        oldState: old,
        newState: fresh,
        replaceReasons: keys,
        diffReasons: diffs,
        detailedDiff,
      });
    } else if (event.diagnosticEvent && (event.diagnosticEvent.severity as Severity) !== 'debug') {
      const { urn, prefix, message, severity } = event.diagnosticEvent;
      this.diagnostics.push({ urn, prefix, message, severity });
    }
  }
}
