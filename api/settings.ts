import type { RolePatterns } from '../automation/config/caller-roles.ts';
import type { SchemaSettings } from '../blueprints/blueprint.ts';

/** What the HTTP API needs of the configuration. */
export interface ApiSettings extends SchemaSettings {
  /** Shared secret of the gateway in front, or two, divided by a comma; empty: no gateway, so bind to loopback only. */
  readonly gatewaySecret: string;
  /** Where people reach the API; default and empty: nowhere but on this machine. */
  readonly publicUrl?: string;
  /** Who may do what. */
  readonly roles: RolePatterns;
  /** Requests a minute and caller; 0 = no limit. */
  readonly rateLimitPerMinute: number;
  /** `ALLOW_DETAILED_ERROR_MESSAGE`: whether error answers carry `detailedMessage`. */
  readonly allowDetailedErrorMessage: boolean;
  /**
   * Seconds between the comments that keep an idle event stream open. Default 15: shorter than the 60 s after which
   * AWS load balancers drop an idle connection.
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
   */
  readonly heartbeatSeconds?: number;
  /** Previews and histories that take longer are answered with 202. Default: 20 behind a gateway, else no limit. */
  readonly answerWithinSeconds?: number;
  /** Event streams are closed after this. Default: 25 behind a gateway, otherwise they stay open. */
  readonly streamSeconds?: number;
}
