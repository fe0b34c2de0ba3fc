/** Keys that some pipeline type knows, in some installation: requests written for the original carry them along. */
import { BLUEPRINTS } from '../registry.ts';

const ALL_SETTINGS = [true, false].flatMap((useModelRegistry) =>
  [true, false].map((multiAccount) => ({ useModelRegistry, multiAccount })),
);

let keys: ReadonlySet<string> | undefined;

export function knownKeys(): ReadonlySet<string> {
  return (keys ??= new Set(
    Object.values(BLUEPRINTS).flatMap((blueprint) =>
      ALL_SETTINGS.flatMap((settings) => Object.keys((blueprint.schema(settings).describe() as { keys: object }).keys)),
    ),
  ));
}
