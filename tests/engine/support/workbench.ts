import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineEvent, PulumiFn, Stack } from '@pulumi/pulumi/automation/index.js';
import { LocalWorkspace } from '@pulumi/pulumi/automation/index.js';
import '../../../automation/engine/inline-programs.ts';
import { createSandboxCommand } from '../../../sandbox/engine/command.ts';
import type { ResourceState } from '../../../sandbox/engine/state.ts';
import type { ProviderHost } from '../../../sandbox/provider.ts';

export const PROJECT = 'byom-demo';

/** A backend in a temporary directory, with stacks that run on the sandbox engine. */
export class Workbench {
  readonly directory = mkdtempSync(join(tmpdir(), 'engine-'));
  readonly env: Record<string, string>;
  readonly #host: ProviderHost;

  constructor(host: ProviderHost, env: Record<string, string> = {}) {
    this.#host = host;
    this.env = {
      PULUMI_BACKEND_URL: `file://${this.directory}`,
      PULUMI_CONFIG_PASSPHRASE: 'x',
      PULUMI_SKIP_UPDATE_CHECK: '1',
      SANDBOX_KEY_ROUNDS: process.env.SANDBOX_KEY_ROUNDS ?? '',
      ...env,
    };
  }

  /** @param host providers of this stack's operations, where they are not the bench's */
  stack(program: PulumiFn, name = 'demo.dev', host = this.#host, project = PROJECT): Promise<Stack> {
    return LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: project, program },
      { pulumiCommand: createSandboxCommand({ providers: host }), envVars: this.env },
    );
  }

  stateFile(name = 'demo.dev', project = PROJECT): string {
    return join(this.directory, '.pulumi', 'stacks', project, `${name}.json`);
  }

  /** What is on disk: secrets as ciphertext. */
  stored(name = 'demo.dev', project = PROJECT): { resources?: ResourceState[]; pending_operations?: unknown[] } {
    const { checkpoint } = JSON.parse(readFileSync(this.stateFile(name, project), 'utf8')) as {
      checkpoint: { latest?: { resources?: ResourceState[]; pending_operations?: unknown[] } };
    };
    return checkpoint.latest ?? {};
  }

  /** Logical names of the resources on disk, in their order. */
  names(name = 'demo.dev'): string[] {
    return (this.stored(name).resources ?? []).map((state) => state.urn.split('::').at(-1) ?? '');
  }

  find(resource: string, name = 'demo.dev'): ResourceState {
    const found = (this.stored(name).resources ?? []).find((state) => state.urn.endsWith(`::${resource}`));
    if (found === undefined) {
      throw new Error(`the state of ${name} has no '${resource}', only ${this.names(name).join(', ')}`);
    }
    return found;
  }

  locks(name = 'demo.dev'): string[] {
    try {
      return readdirSync(join(this.directory, '.pulumi', 'locks', 'organization', PROJECT, name));
    } catch {
      return [];
    }
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** One line per event: `pre create demo-role`. */
export function eventLines(events: EngineEvent[]): string[] {
  return events.map((event) => {
    const step = event.resourcePreEvent ?? event.resOutputsEvent ?? event.resOpFailedEvent;
    if (step !== undefined) {
      const kind = event.resourcePreEvent ? 'pre' : event.resOutputsEvent ? 'out' : 'failed';
      return `${kind} ${step.metadata.op} ${step.metadata.urn.split('::').at(-1)}`;
    }
    if (event.diagnosticEvent) {
      return `${event.diagnosticEvent.severity} ${event.diagnosticEvent.message.trim()}`;
    }
    return event.preludeEvent
      ? 'prelude'
      : event.summaryEvent
        ? `summary ${(event.summaryEvent as { result?: string }).result}`
        : 'cancel';
  });
}
