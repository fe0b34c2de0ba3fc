/** Pieces of IAM policies: types, and the trust that a service needs. */

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

export function policy(...statements: (Statement | undefined)[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements.filter((statement) => statement !== undefined) };
}

/**
 * Lets a service take a role, for this account's resources only.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export function trustOf(service: string, accountId: string): Record<string, unknown> {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: service },
        Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
      },
    ],
  };
}
