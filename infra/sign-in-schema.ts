/** The launch parameter `signIn`: people reach the web console through a load balancer that signs them in (docs/deploy.md). */
import Joi from 'joi';
import { certificateArn, subnetId } from './identifiers.ts';

/** The roles that groups of the identity provider give. */
export type SignInGroups = Readonly<Record<'viewer' | 'provisioner' | 'approver' | 'admin', readonly string[]>>;

export interface SignInSettings {
  /** Name under which browsers reach the load balancer; its DNS record is made by the operator. */
  readonly domain: string;
  readonly certificateArn: string;
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly userInfoEndpoint: string;
  readonly clientId: string;
  readonly scope: string;
  /** Empty: the service's default. */
  readonly nameClaim: string;
  readonly groupsClaim: string;
  readonly groupsFrom: '' | 'UserInfo' | 'AccessToken';
  /** Where the identity provider ends a session; empty: people cannot sign out. */
  readonly logoutUrl: string;
  readonly groups: SignInGroups;
  /** IPv4 ranges that may connect. */
  readonly cidrs: readonly string[];
  /** Whether it is reachable from the private network only. */
  readonly internal: boolean;
  /** In an existing VPC: where the load balancer is; empty: the private subnets if internal. */
  readonly subnetIds: readonly string[];
}

const https = Joi.string().uri({ scheme: 'https' }).required();
const groups = Joi.array()
  .items(Joi.string().pattern(/^[^,]+$/, 'the name of a group, without a comma'))
  .default([]);
const TWO_SUBNETS = '{{#label}} must name at least two subnets in different zones: load balancers require them';

export const signInSchema = Joi.object({
  domain: Joi.string().hostname().required(),
  certificateArn: certificateArn.required(),
  issuer: https,
  authorizationEndpoint: https,
  tokenEndpoint: https,
  userInfoEndpoint: https,
  clientId: Joi.string().max(500).required(),
  scope: Joi.string()
    .pattern(/(^| )openid( |$)/, 'scopes divided by spaces, among them openid')
    .default('openid email profile'),
  nameClaim: Joi.string().max(200).default(''),
  groupsClaim: Joi.string().max(200).default(''),
  groupsFrom: Joi.string().valid('UserInfo', 'AccessToken').default(''),
  logoutUrl: Joi.string().uri({ scheme: 'https' }).allow('').default(''),
  groups: Joi.object({ viewer: groups, provisioner: groups, approver: groups, admin: groups })
    .required()
    .custom((value: SignInGroups, helpers) =>
      Object.values(value).some((names) => names.length > 0)
        ? value
        : helpers.message({
            custom: '{{#label}} must give a group one of the roles: without it, people could do nothing',
          }),
    ),
  cidrs: Joi.array()
    .items(Joi.string().ip({ version: ['ipv4'], cidr: 'required' }))
    .unique()
    .min(1)
    .required(),
  internal: Joi.boolean().default(false),
  subnetIds: Joi.array().items(subnetId).unique().min(2).messages({ 'array.min': TWO_SUBNETS }).default([]),
});

/** @returns what does not fit the network, or the secret that goes with it */
export function signInProblems(
  signIn: SignInSettings | undefined,
  { hasSecret, isExistingVpc }: { hasSecret: boolean; isExistingVpc: boolean },
): string[] {
  if (!signIn) return hasSecret ? ['signInClientSecret needs signIn'] : [];
  const isPlaced = signIn.internal || signIn.subnetIds.length > 0;
  return [
    ...(hasSecret
      ? []
      : ['signInClientSecret is required with signIn: the identity provider issues it with the client id (--secret)']),
    ...(isExistingVpc && !isPlaced
      ? ['signIn.subnetIds is required with vpcId: two public subnets for the load balancer, or set signIn.internal']
      : []),
    ...(!isExistingVpc && signIn.subnetIds.length > 0
      ? ['signIn.subnetIds needs vpcId: a new VPC has subnets of its own']
      : []),
  ];
}
