/** Alarms in the ALARM state in the sandbox: no metrics are recorded there, so `<home>/aws/alarms.json` lists their ARNs. */
import { join } from 'node:path';
import { readIfThere, replaceFile } from './files.ts';
import type { Scope } from './partitions.ts';
import { arn } from './partitions.ts';

const FILE = 'alarms.json';

/** @returns those of the names whose alarms are in the ALARM state in an account and region */
export async function alarmsInAlarm(directory: string, scope: Scope, names: readonly string[]): Promise<string[]> {
  const inAlarm = await readAlarmsInAlarm(directory);
  return names.filter((name) => inAlarm.includes(alarmArn(scope, name)));
}

/** What CloudWatch's SetAlarmState does, for tests and demonstrations. */
export async function setAlarmState(
  directory: string,
  scope: Scope,
  name: string,
  state: 'ALARM' | 'OK',
): Promise<void> {
  const wanted = alarmArn(scope, name);
  const others = (await readAlarmsInAlarm(directory)).filter((each) => each !== wanted);
  await replaceFile(join(directory, FILE), `${JSON.stringify(state === 'ALARM' ? [...others, wanted] : others)}\n`);
}

function alarmArn(scope: Scope, name: string): string {
  return arn(scope, 'cloudwatch', `alarm:${name}`);
}

async function readAlarmsInAlarm(directory: string): Promise<string[]> {
  return JSON.parse((await readIfThere(join(directory, FILE)))?.toString() ?? '[]') as string[];
}
