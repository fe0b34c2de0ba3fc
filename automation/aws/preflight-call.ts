/** What the checks of the preflight are called with. */
import type { Need } from '../../blueprints/needs.ts';

/** Receives what could not be asked. */
export type Note = (name: string, detail: Record<string, unknown>) => void;

/** Settings of the clients that look: region, and the credentials of the deployment role, assumed once. */
export interface Look {
  region: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}

export type NeedOf<Kind extends Need['kind']> = Extract<Need, { kind: Kind }>;
