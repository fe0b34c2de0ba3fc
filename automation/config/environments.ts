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
  /** Session name of the role for an operation; absent: that of the orchestrator's own reads. */
  sessionName?: string;
  /** Sent with every AssumeRole, against the confused-deputy problem. */
  externalId: string;
  /** Set on every role created in that account; empty: none. */
  permissionsBoundaryArn: string;
  /** Organizational unit that the account must be in; empty: not checked. */
  organizationalUnitId: string;
  /** The bucket that the guide's "assets" keys are in. */
  assetsBucket: string;
}

/** The approval policy of an environment. */
export interface ApprovalPolicy {
  /** Number of different people who must approve. */
  minimumApprovers: number;
  /** Whether the approval of the requester counts. */
  requesterMayApprove: boolean;
  /** Whether destroying the stacks of the environment requires approval. */
  approveDestroy: boolean;
}
