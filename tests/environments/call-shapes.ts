/** How a row of the table of commands is written: names of resources, and calls on them that are allowed or not. */
import type { Call } from './simulator.ts';

export const PIPELINE = 'mlops-pipeline-my-model-name-postfix';
export const STRANGER = '999999999999';
const OTHER_REGION = 'eu-west-1';
export const TAGGED = { 'aws:ResourceTag/mlops:pipeline-id': PIPELINE };

export const ASSETS = 'assets-bucket';
/** Accounts are bound to data buckets `team-*` where the table is tried. */
export const DATA = 'team-churn';
export const NOT_OURS = 'payroll';
/** ARN of a bucket, or of an object in it. */
export const bucket = (name: string, key?: string) => `arn:aws:s3:::${name}${key === undefined ? '' : `/${key}`}`;

/** The account that a deployment role is in. */
export interface At {
  account: string;
  region: string;
}

export interface Sent {
  file: string;
  /** Package of the SDK without its scope, and what of it. */
  command: string;
}

/** Sent with the deployment role of the environment, which {@link client} or the preflight assume. */
export interface DeploymentCall extends Sent {
  /** Accounts with which pipelines ask it. */
  placements: readonly ('environments' | 'orchestrator')[];
  may: (at: At) => Call[];
  /** Empty only for actions that AWS has no narrower resources for. */
  mayNot: (at: At) => Call[];
}

export const arn = (service: string, { region, account }: At, resource: string) =>
  `arn:aws:${service}:${region}:${account}:${resource}`;
export const elsewhere = (at: At): At => ({ ...at, region: OTHER_REGION });
export const ofStranger = (at: At): At => ({ ...at, account: STRANGER });

/** Of one resource of SageMaker, by names: those that may be asked of, and those that may not. */
export function sagemaker(action: string, kind: string, may: string[], mayNot: string[]) {
  const calls = (names: string[]) => (at: At) =>
    names.map((name): Call => [`sagemaker:${action}`, arn('sagemaker', at, `${kind}/${name}`)]);
  return {
    may: calls(may),
    mayNot: (at: At) => [...calls(mayNot)(at), ...calls(may)(ofStranger(at)), ...calls(may)(elsewhere(at))],
  };
}

export const onEverything = (action: string) => ({ may: (): Call[] => [[action, '*']], mayNot: () => [] });
