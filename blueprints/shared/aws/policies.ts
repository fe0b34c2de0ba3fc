/** Building blocks of IAM policies: types, and trust policies of services. */

export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[] | boolean>>;
}

export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: Statement[];
}

export interface TrustPolicy {
  Version: '2012-10-17';
  Statement: {
    Effect: 'Allow';
    Action: 'sts:AssumeRole';
    Principal: { Service: string };
    Condition?: Record<string, Record<string, string>>;
  }[];
}

/** A policy of the statements that apply; those that do not are given as undefined. */
export function policy(...statements: (Statement | undefined)[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements.filter((statement) => statement !== undefined) };
}

/**
 * Text that stands for itself in a resource or condition: object keys may hold what IAM reads as wildcards or variables.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars
 */
export function literal(text: string): string {
  return text.replace(/[*?$]/g, '${$&}');
}

/**
 * Lets a service assume a role.
 * @param sourceAccount only for this account's resources. Not for Lambda and EventBridge, which assume roles that someone
 * of the account passed to them (`iam:PassRole`) and do not document that they send the source account.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export function trustOf(service: string, sourceAccount?: string): TrustPolicy {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: service },
        ...(sourceAccount ? { Condition: { StringEquals: { 'aws:SourceAccount': sourceAccount } } } : {}),
      },
    ],
  };
}
