/** Responses of an endpoint of the sandbox: no model runs, but the same line to the same endpoint gives the same number. */
import { createHash } from 'node:crypto';
import { refuse } from './aws-errors.ts';
import type { Scope } from './partitions.ts';
import { placeOf, statusOf } from './store.ts';
import type { Store } from './store.ts';
import { ENDPOINT } from './services/sagemaker.ts';

/** @returns one probability a line of the payload, as a built-in algorithm answers CSV. @throws AwsRefusal */
export async function infer(store: Store, scope: Scope, endpointName: string, payload: string): Promise<string> {
  const endpoint = await store.read(placeOf({ token: ENDPOINT }, scope), endpointName);
  if (!endpoint) refuse('ValidationError', `Endpoint ${endpointName} of account ${scope.accountId} not found.`);
  const status = statusOf(endpoint);
  // While it is updated, an endpoint goes on serving.
  if (status !== 'InService' && status !== 'Updating') {
    refuse('ValidationError', `Endpoint ${endpointName} is ${status}, so it answers nothing.`);
  }
  const lines = payload.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => `${probability(`${endpointName} ${line.trim()}`)}\n`).join('');
}

function probability(seed: string): string {
  const thousandths = createHash('sha256').update(seed).digest().readUInt16BE() % 1_000;
  return (thousandths / 1_000).toFixed(3);
}
