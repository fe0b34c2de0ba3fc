/** What each spec file of a run costs: wall time, and the CPU time of its process and of all that this started. */
import { appendFileSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface SpecCost {
  /** Relative to the working directory. */
  readonly file: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** Clock ticks a second of proc(5): 100 on every Linux that Node.js supports. */
const TICKS = 100;

let current: { file: string; wallMs: number } | undefined;
/** Up to here every second has been charged to a spec: what comes next, such as importing it, belongs to the next one. */
let chargedCpuSeconds = 0;

/** Ends the account of the spec before. @param file undefined: none follows */
export function beginSpec(file: string | undefined): void {
  if (current?.file === file) return;
  const wallMs = performance.now();
  if (current) {
    const cpuSeconds = cpuSecondsOfTree();
    const cost: SpecCost = {
      file: relative(process.cwd(), current.file),
      wallSeconds: (wallMs - current.wallMs) / 1_000,
      cpuSeconds: cpuSeconds - chargedCpuSeconds,
    };
    chargedCpuSeconds = cpuSeconds;
    appendFileSync(costsFile(), `${JSON.stringify(cost)}\n`);
  }
  current = file === undefined ? undefined : { file, wallMs };
}

/** The most expensive first. */
export function readCosts(): SpecCost[] {
  const text = existsSync(costsFile()) ? readFileSync(costsFile(), 'utf8') : '';
  const costs = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as SpecCost);
  return costs.sort((a, b) => b.cpuSeconds - a.cpuSeconds);
}

function costsFile(): string {
  return join(process.env.TEST_RUN_FOLDER ?? '', 'costs.jsonl');
}

/** Without /proc only this process counts. The run's PostgreSQL belongs to no spec, and is not counted. */
function cpuSecondsOfTree(): number {
  const { user, system } = process.cpuUsage();
  if (process.platform !== 'linux') return (user + system) / 1e6;
  const processes = new Map<number, { parent: number; ticks: number }>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(name) : undefined;
    if (stat) processes.set(Number(name), stat);
  }
  const isOurs = (pid: number): boolean =>
    pid === process.pid || (processes.has(pid) && isOurs(processes.get(pid)?.parent ?? 0));
  const ours = [...processes].filter(([pid]) => isOurs(pid));
  return ours.reduce((sum, [, { ticks }]) => sum + ticks, 0) / TICKS;
}

/** Fields 4 (parent) and 14 to 17 (time in user and system mode, its own and of children that have ended) of proc(5) stat. */
function readStat(pid: string): { parent: number; ticks: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    // It ended in between.
    return undefined;
  }
}
