/** Alarms in the ALARM state in the sandbox: no metrics are recorded there, so `<home>/aws/alarms.json` lists their ARNs. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from './partitions.ts';
import { arn } from './partitions.ts';
import { isCode } from './store.ts';

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
  const file = join(directory, 'alarms.json');
  await mkdir(directory, { recursive: true });
  await writeFile(`${file}.tmp`, `${JSON.stringify(state === 'ALARM' ? [...others, wanted] : others)}\n`);
  await rename(`${file}.tmp`, file);
}

function alarmArn(scope: Scope, name: string): string {
  return arn(scope, 'cloudwatch', `alarm:${name}`);
}

async function readAlarmsInAlarm(directory: string): Promise<string[]> {
  try {
    return JSON.parse(await readFile(join(directory, 'alarms.json'), 'utf8')) as string[];
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}
