/** The environments of the guide: one account (`main`), or `dev`, `staging`, `prod`. */
export type EnvironmentName = 'main' | 'dev' | 'staging' | 'prod';

/** Where a stack is deployed to. */
export interface Environment {
  name: EnvironmentName;
  /** 12 digits; empty means "whatever account the credentials belong to". */
  accountId: string;
  region: string;
  /** Role to assume in that account; empty means the service's own credentials. */
  deploymentRoleArn: string;
  /** The bucket that the guide's "assets" keys are in. */
  assetsBucket: string;
}
