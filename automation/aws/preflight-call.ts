/** Input of the preflight checks. */
import type { Need } from '../../blueprints/needs.ts';

/** Receives checks that could not be run. */
export type Note = (name: string, detail: Record<string, unknown>) => void;

/** Settings of the clients: region, and the credentials of the deployment role, assumed once. */
export interface Look {
  region: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}

export type NeedOf<Kind extends Need['kind']> = Extract<Need, { kind: Kind }>;
