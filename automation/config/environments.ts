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
  /** Name of the role's session in which an operation works; absent: that of the orchestrator's own reads. */
  sessionName?: string;
  /** Sent with every AssumeRole, against the confused-deputy problem. */
  externalId: string;
  /** Set on every role that is made in that account; empty: none. */
  permissionsBoundaryArn: string;
  /** Organizational unit that the account has to be in; empty: not checked. */
  organizationalUnitId: string;
  /** The bucket that the guide's "assets" keys are in. */
  assetsBucket: string;
}

/** Who has to agree before a change reaches an environment. */
export interface ApprovalPolicy {
  /** How many different people. */
  minimumApprovers: number;
  /** Whether who asked for the change counts. */
  requesterMayApprove: boolean;
  /** Whether people are asked before the environment's stacks are destroyed. */
  approveDestroy: boolean;
}
