import type { RolePatterns } from '../automation/config/caller-roles.ts';
import type { SignIn } from '../automation/config/sign-in-settings.ts';
import type { SchemaSettings } from '../blueprints/blueprint.ts';

/** The part of the configuration that the HTTP API needs. */
export interface ApiSettings extends SchemaSettings {
  /** Shared secret of the gateway, or two, separated by a comma; empty: no gateway, so the API binds to loopback only. */
  readonly gatewaySecret: string;
  /** Public URL of the API; default and empty: reachable only on this machine. */
  readonly publicUrl?: string;
  /** Who may do what. */
  readonly roles: RolePatterns;
  /** People who sign in at a load balancer; default: only requests through the gateway are identified. */
  readonly signIn?: SignIn | undefined;
  /** Requests per minute and caller; 0 = no limit. */
  readonly rateLimitPerMinute: number;
  /** `ALLOW_DETAILED_ERROR_MESSAGE`: whether error responses contain `detailedMessage`. */
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
