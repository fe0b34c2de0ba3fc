/** Pulumi programs of specs that are about what a program makes: without what takes longest at their start. */
import { fileURLToPath } from 'node:url';

const PRELOADED = fileURLToPath(new URL('lean-program.cjs', import.meta.url));

/** For `NODE_OPTIONS` of the engine that starts them. */
export function leanPrograms(): string {
  return `${process.env.NODE_OPTIONS ?? ''} --require ${PRELOADED}`;
}
