/** Reading and changing a request by paths. Pure: the value given is never changed. */
export type Path = readonly (string | number)[];
export type Value = unknown;

export function isRecord(value: Value): value is Record<string, Value> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param next undefined removes the key or the entry */
export function withValue(value: Value, path: Path, next: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (typeof step === 'number') {
    const list = Array.isArray(value) ? [...(value as Value[])] : [];
    const changed = withValue(list[step], rest, next);
    if (changed === undefined) list.splice(step, 1);
    else list[step] = changed;
    return list;
  }
  const { [step]: old, ...others } = isRecord(value) ? value : {};
  const changed = withValue(old, rest, next);
  if (changed === undefined) return others;
  // A changed key keeps its place.
  return isRecord(value) && step in value ? { ...value, [step]: changed } : { ...others, [step]: changed };
}

/** `['a/b', 0]` → `/a~1b/0` (RFC 6901). */
export function pointerOf(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Faults at a path; with `below`, also those of what is inside it. */
export function faultsAt<Fault extends { pointer: string }>(
  faults: readonly Fault[],
  path: Path,
  below = false,
): Fault[] {
  const pointer = pointerOf(path);
  return faults.filter((fault) => fault.pointer === pointer || (below && fault.pointer.startsWith(`${pointer}/`)));
}

/** Numbers, true, false, lists and objects in a text field of any type; everything else is text. */
export function parsedLoosely(text: string): Value {
  if (!/^(?:-?\d|true$|false$|null$|\[|\{|")/.test(text.trim())) return text;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}

export function looseText(value: Value): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** The number that a text says; what is no number stays text, and the service says so. */
export function parsedNumber(text: string): Value {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : text;
}
