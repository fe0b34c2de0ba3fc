/** Sessions that an inline policy on their role denies everything: their calls are refused, as in AWS. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from './aws-errors.ts';
import { readIfThere, replaceFile } from './files.ts';

/** `arn:aws:sts::<account>:assumed-role/<role>/<session>` */
const SESSION_ARN = /^arn:[a-z-]+:sts::(\d{12}):assumed-role\/([^/]+)\/(.+)$/;

function fileOf(directory: string, accountId: string, role: string): string {
  return join(directory, 'fences', `${accountId}-${role}.json`);
}

/** @param sessions all that are denied from now on */
export async function fenceSessions(
  directory: string,
  accountId: string,
  role: string,
  sessions: readonly string[],
): Promise<void> {
  const file = fileOf(directory, accountId, role);
  if (sessions.length === 0) await rm(file, { force: true });
  else await replaceFile(file, JSON.stringify(sessions));
}

/** @throws AwsRefusal `AccessDenied`, where the caller's session is denied everything */
export async function refuseFenced(directory: string, callerArn: string, action: string): Promise<void> {
  const [, accountId = '', role = '', session = ''] = SESSION_ARN.exec(callerArn) ?? [];
  if (session === '') return;
  if (!(await fencedSessions(directory, accountId, role)).includes(session)) return;
  refuse(
    'AccessDeniedException',
    `User: ${callerArn} is not authorized to perform: ${action} with an explicit deny in an identity-based policy`,
    403,
  );
}

async function fencedSessions(directory: string, accountId: string, role: string): Promise<string[]> {
  return JSON.parse((await readIfThere(fileOf(directory, accountId, role)))?.toString() ?? '[]') as string[];
}
