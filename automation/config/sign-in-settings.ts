/**
 * The settings of sign-in with OpenID Connect at a load balancer (docs/access.md): joi keys and what they are parsed to.
 * Read by config.ts only.
 */
import Joi from 'joi';
import type { Role } from './caller-roles.ts';
import { ROLES } from './caller-roles.ts';
import { commaList } from './comma-list.ts';

type Values = Readonly<Record<string, unknown>>;

/** How people are recognized who sign in at the load balancer in front of the web console. */
export interface SignIn {
  /** Address of the console, without a slash at the end: the only origin whose pages may send requests. */
  readonly url: string;
  /** The load balancer whose signature counts. */
  readonly loadBalancerArn: string;
  readonly issuer: string;
  readonly clientId: string;
  /** The claim that becomes the principal, as `oidc:<value>`. */
  readonly nameClaim: string;
  readonly groupsClaim: string;
  /** Where the groups are: among the claims of the user info endpoint, or in the access token (Amazon Cognito). */
  readonly groupsFrom: 'UserInfo' | 'AccessToken';
  /** Where the identity provider ends its own session; undefined: people cannot sign out. */
  readonly logoutUrl?: string;
  /** Names of the groups whose members have a role. */
  readonly groups: GroupsByRole;
}

export type GroupsByRole = Readonly<Record<Role, readonly string[]>>;

/** The setting that gives each role to groups. */
export const GROUP_SETTINGS = {
  viewer: 'VIEWER_GROUPS',
  provisioner: 'PROVISIONER_GROUPS',
  approver: 'APPROVER_GROUPS',
  admin: 'ADMIN_GROUPS',
} as const satisfies Record<Role, string>;

const REQUIRED = ['SIGN_IN_URL', 'SIGN_IN_LOAD_BALANCER_ARN', 'SIGN_IN_ISSUER', 'SIGN_IN_CLIENT_ID'] as const;
const OPTIONAL = ['SIGN_IN_NAME_CLAIM', 'SIGN_IN_GROUPS_CLAIM', 'SIGN_IN_GROUPS_FROM', 'SIGN_IN_LOGOUT_URL'] as const;

/** Claim names are short: `email`, `cognito:groups`, `https://example.com/groups`. */
const claim = Joi.string().max(200);
const https = Joi.string().uri({ scheme: 'https' });

export const signInKeys: Joi.SchemaMap = {
  SIGN_IN_URL: https.custom((value: string, helpers) =>
    /^https:\/\/[^/?#@]+\/?$/.test(value)
      ? value
      : helpers.message({ custom: '{{#label}} must be the address alone, such as https://mlops.example.com' }),
  ),
  SIGN_IN_LOAD_BALANCER_ARN: Joi.string().pattern(
    /^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer\/app\/[\w-]+\/[0-9a-f]+$/,
    'the ARN of an Application Load Balancer',
  ),
  SIGN_IN_ISSUER: https,
  SIGN_IN_CLIENT_ID: Joi.string().max(500),
  SIGN_IN_NAME_CLAIM: claim,
  SIGN_IN_GROUPS_CLAIM: claim,
  SIGN_IN_GROUPS_FROM: Joi.string().valid('UserInfo', 'AccessToken'),
  SIGN_IN_LOGOUT_URL: https,
  ...Object.fromEntries(ROLES.map((role) => [GROUP_SETTINGS[role], Joi.string()])),
};

/** @returns what does not fit together, a sentence each */
export function signInFaults(values: Values): string[] {
  const isSet = (name: string) => values[name] !== undefined;
  const groups = Object.values(GROUP_SETTINGS);
  const given = [...REQUIRED, ...OPTIONAL, ...groups].filter(isSet);
  const [first] = given;
  if (first === undefined) return [];
  const missing = REQUIRED.filter((name) => !isSet(name));
  return [
    ...missing.map((name) => `${name} is required with ${first}: it is part of sign-in with OpenID Connect`),
    ...(groups.some((name) => commaList(values[name]).length > 0)
      ? []
      : [
          `one of ${groups.join(', ')} is required with ${first}: people who sign in have the roles of their groups only`,
        ]),
    ...(isSet('GATEWAY_SECRET')
      ? []
      : [`GATEWAY_SECRET is required with ${first}: without a gateway, callers name themselves`]),
  ];
}

/** @returns undefined: nobody signs in, requests come through the gateway only */
export function signInOf(values: Values): SignIn | undefined {
  if (values.SIGN_IN_URL === undefined) return undefined;
  const text = (name: string, fallback = '') => String(values[name] ?? fallback);
  const groupsOf = (role: Role) => commaList(values[GROUP_SETTINGS[role]]);
  return {
    url: text('SIGN_IN_URL').replace(/\/$/, ''),
    loadBalancerArn: text('SIGN_IN_LOAD_BALANCER_ARN'),
    issuer: text('SIGN_IN_ISSUER'),
    clientId: text('SIGN_IN_CLIENT_ID'),
    nameClaim: text('SIGN_IN_NAME_CLAIM', 'email'),
    groupsClaim: text('SIGN_IN_GROUPS_CLAIM', 'groups'),
    groupsFrom: values.SIGN_IN_GROUPS_FROM === 'AccessToken' ? 'AccessToken' : 'UserInfo',
    ...(values.SIGN_IN_LOGOUT_URL === undefined ? {} : { logoutUrl: text('SIGN_IN_LOGOUT_URL') }),
    groups: {
      viewer: groupsOf('viewer'),
      provisioner: groupsOf('provisioner'),
      approver: groupsOf('approver'),
      admin: groupsOf('admin'),
    },
  };
}
