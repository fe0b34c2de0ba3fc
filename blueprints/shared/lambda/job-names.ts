/** The first part of a job's names. Pure, so that the service can look for the jobs of a pipeline without loading Pulumi. */
import { shortName } from '../aws/physical-name.ts';

export const DIGEST_LENGTH = 6;
/** `-<run>-<digest>` behind the name of a job, with up to five digits for the run. */
const RUN_LENGTH = 7 + DIGEST_LENGTH;

/** The base of a job's names: what makes them unique fits behind it. @param limit the longest name that the service takes */
export function jobBaseName(name: string, limit: number): string {
  return shortName(name, limit - RUN_LENGTH);
}
