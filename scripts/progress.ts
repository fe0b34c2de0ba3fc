/** Progress of several executions at once: bars on a terminal, plain lines where the output is piped. */
import cliProgress from 'cli-progress';
import type { ExecutionEvent } from '../automation/model.ts';

export interface Progress {
  /** @param steps how many resources are expected to change. */
  add(label: string, steps: number): { on(event: ExecutionEvent): void };
  stop(): void;
}

const COUNTED = new Set(['resource.created', 'resource.updated', 'resource.deleted']);

export function makeProgress(output: NodeJS.WriteStream): Progress {
  return output.isTTY ? bars(output) : lines(output);
}

function bars(output: NodeJS.WriteStream): Progress {
  const all = new cliProgress.MultiBar(
    { stream: output, format: ' {bar} {value}/{total} {label}  {doing}', hideCursor: true, clearOnComplete: false },
    cliProgress.Presets.shades_classic,
  );
  return {
    add(label, steps) {
      const bar = all.create(steps, 0, { label, doing: 'queued' });
      return {
        on(event) {
          if (COUNTED.has(event.type)) bar.increment(1, { doing: text(event) });
          else bar.update({ doing: text(event) });
        },
      };
    },
    stop: () => all.stop(),
  };
}

function lines(output: NodeJS.WriteStream): Progress {
  return {
    add(label, steps) {
      let done = 0;
      return {
        on(event) {
          if (COUNTED.has(event.type)) done++;
          output.write(`  [${label}] ${String(done).padStart(2)}/${steps} ${text(event)}\n`);
        },
      };
    },
    stop: () => undefined,
  };
}

function text({ type, data }: ExecutionEvent): string {
  const what = data.name ?? data.message ?? '';
  return `${type}${what ? ` ${String(what)}` : ''}`;
}
