/** Arguments of a model monitor: the program fills them in from a request, the component deploys them. */
import type { Place } from '../shared/aws/place.ts';
import type { BaselineDefinition } from './handler.ts';
import type { MonitorRequest } from './monitor-request.ts';
import type { MonitorKind } from './monitor-request.ts';

export interface ModelMonitorArgs {
  /** Account and region of the provider, for ARNs. Changing the region replaces everything. */
  place: Place;
  kind: MonitorKind;
  /** As the schema leaves it for one environment. */
  request: MonitorRequest;
  /** Image of the analyzer or of Clarify. */
  image: string;
  /** Bucket of the baseline data. */
  assetsBucket: string;
  /** The baseline. Changing it makes a new one. */
  definition: BaselineDefinition;
  /** `s3://…` that the baseline is written to, and read from by the monitor. */
  baselineOutput: string;
  /** Name of the schedule, within 63 characters. Changing it replaces the schedule. */
  scheduleName: string;
  /** For what the provider's default tags do not reach. */
  tags: Record<string, string>;
  /** The change that the baseline is made for. */
  run: number;
  /** Topic for notifications of ended baselines; default: none. */
  notificationsTopicArn?: string | undefined;
  /** ARN of a policy that bounds the roles; default: none. */
  permissionsBoundaryArn?: string | undefined;
}
