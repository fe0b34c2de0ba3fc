/** S3 objects of the sandbox: those that handlers put, and samples of those that they expect. */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfThere } from '../files.ts';

/** Input data is assumed to exist, like model artifacts: a CSV object that was never put reads as this. */
const SAMPLE = `label,prediction,probability,age,income,region,churn
1,1,0.91,54,61000,2,1
0,0,0.12,23,28000,1,0
1,0,0.48,41,47000,3,1
`;

const READABLE_LENGTH = 120;

/** A key may be longer than a file name: a hash tells apart what is cut. */
function fileOf(directory: string, bucket: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 16);
  const readable = encodeURIComponent(key).slice(0, READABLE_LENGTH);
  return join(directory, 'objects', encodeURIComponent(bucket), `${readable}.${hash}`);
}

/** @returns undefined where there is no such object */
export async function readObject(directory: string, bucket: string, key: string): Promise<Buffer | undefined> {
  const sample = key.endsWith('.csv') ? Buffer.from(SAMPLE) : undefined;
  return (await readIfThere(fileOf(directory, bucket, key))) ?? sample;
}

export async function writeObject(directory: string, bucket: string, key: string, content: Buffer): Promise<void> {
  const file = fileOf(directory, bucket, key);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}
