/**
 * What a custom blueprint imports from its host: the service's own joi and Pulumi, whatever else is installed, and the pieces
 * that the built-in blueprints are made of. A blueprint's folder may be anywhere and needs no node_modules for these.
 */
import { createRequire, registerHooks } from 'node:module';
import type { ResolveFnOutput } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The service's folder. */
export const HOST = fileURLToPath(new URL('../../', import.meta.url));
/** A module of the service, to resolve from. */
const HOST_MODULE = import.meta.url;

/** The name under which the service's package.json exports its pieces. */
export const HOST_NAME = 'mlops-workload-orchestrator';

/**
 * Packages of which a process may hold one copy only: a second joi does not take the first one's schemas, and a second
 * Pulumi does not know the stack it runs in.
 */
const ONE_COPY = /^(joi|@pulumi\/pulumi|@pulumi\/aws|mlops-workload-orchestrator)(\/|$)/;
const BARE = /^(@[^/]+\/)?[a-zA-Z0-9_][^:]*$/;

const folders = new Set<string>();

/**
 * From now on modules in the folder get the packages above from the service, and from it too any other package that they
 * would not find otherwise.
 * @param folder absolute, links followed
 * @see https://nodejs.org/api/module.html#customization-hooks
 */
export function serveHostPackages(folder: string): void {
  if (folders.size === 0) registerHooks({ resolve });
  folders.add(folder.endsWith('/') ? folder : `${folder}/`);
}

const hostRequire = createRequire(HOST_MODULE);

type Resolve = (specifier: string, context?: Partial<ResolveContext>) => ResolveFnOutput;
interface ResolveContext {
  conditions: string[] | undefined;
  parentURL: string | undefined;
}

function resolve<C extends ResolveContext>(specifier: string, context: C, next: Resolve): ResolveFnOutput {
  if (!BARE.test(specifier) || !isGuest(context.parentURL)) return next(specifier, context);
  // A `require` is resolved from the module that calls it, whatever the context says; a path is the same from everywhere.
  const fromHost = () =>
    context.conditions?.includes('require')
      ? next(hostRequire.resolve(specifier), context)
      : next(specifier, { ...context, parentURL: HOST_MODULE });
  if (ONE_COPY.test(specifier)) return fromHost();
  try {
    return next(specifier, context);
  } catch (error) {
    try {
      return fromHost();
    } catch {
      // Reported as the blueprint's own fault: that the service does not have it either is no help.
      throw error;
    }
  }
}

/** Modules of the blueprints, and of packages installed next to them rather than within the service. */
function isGuest(parent: string | undefined): boolean {
  if (!parent?.startsWith('file:')) return false;
  const path = fileURLToPath(parent);
  return !path.startsWith(HOST) || [...folders].some((folder) => path.startsWith(folder));
}
