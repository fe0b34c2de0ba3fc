/** How often the service runs the Pulumi CLI, for `GET /metrics`: with Pulumi Cloud each is a round trip. */
import { Counter } from 'prom-client';

export class CliInvocations {
  /** Registered with the metrics registry of the process that serves it. */
  readonly metric = new Counter({
    name: 'mlops_pulumi_invocations_total',
    help: 'Commands of the Pulumi CLI that stack operations ran.',
    labelNames: ['action', 'command'] as const,
    registers: [],
  });

  /**
   * @param action of the stack operation, such as `up`
   * @param command such as `stack select`
   */
  count(action: string, command: string): void {
    this.metric.inc({ action, command });
  }
}
