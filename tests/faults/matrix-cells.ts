/** Who is killed, and when: the moments at which an execution is held up until the kill, and how it gets there. */

export const VICTIMS = ['service', 'child', 'engine', 'database'] as const;
export type Victim = (typeof VICTIMS)[number];

export const MOMENTS = [
  'before lock',
  'mid-create',
  'between create and checkpoint',
  'waiting for approval',
  'mid-destroy',
  'during refresh',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** Cells of the matrix that cannot be, and why. */
export function whyImpossible(victim: Victim, moment: Moment): string | undefined {
  return moment === 'waiting for approval' && (victim === 'child' || victim === 'engine')
    ? `no ${victim} runs while an execution waits`
    : undefined;
}

/** What is killed when. */
export interface Cell {
  readonly victim: Victim;
  readonly moment: Moment;
}

export function cellsOf(victim: Victim): Cell[] {
  return MOMENTS.filter((moment) => !whyImpossible(victim, moment)).map((moment) => ({ victim, moment }));
}

/** One model, and so one pipeline, a cell. */
export function modelOf({ victim, moment }: Cell): string {
  return `${victim}-${moment.replaceAll(' ', '-')}`;
}

const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const MODEL = 'aws:sagemaker/model:Model';

/** What holds an execution up at its moment: it hangs until it is killed, once. */
const FAULTS: Record<Moment, Record<string, unknown>[]> = {
  // An approved deployment is previewed once more, which takes no lock.
  'before lock': [{ type: 'pulumi:providers:aws', operation: 'configure', action: 'hang' }],
  'mid-create': [{ type: ENDPOINT, operation: 'create', action: 'hang' }],
  'between create and checkpoint': [{ type: MODEL, operation: 'create', when: 'after', action: 'hang' }],
  'waiting for approval': [],
  'mid-destroy': [{ type: ENDPOINT, operation: 'delete', action: 'hang' }],
  // The deployment dies on its own; the one that resumes it checks first what exists.
  'during refresh': [
    { type: MODEL, operation: 'create', when: 'after', action: 'crash' },
    { type: '*', operation: 'read', action: 'hang' },
  ],
};

/** For `SANDBOX_FAULTS`. */
export function faultsOf(cells: readonly Cell[]): Record<string, unknown>[] {
  return cells.flatMap((cell) =>
    FAULTS[cell.moment].map((fault) => ({
      ...fault,
      match: `${pipelineOf(cell)}.${environmentOf(cell.moment)}`,
      times: 1,
    })),
  );
}

export function pipelineOf(cell: Cell): string {
  return `mlops-pipeline-${modelOf(cell)}-byompipelinerealtimebuiltin`;
}

/** Where it is held up: deployments where they need approval, removals in the only environment that has something. */
export function environmentOf(moment: Moment): 'dev' | 'staging' {
  return moment === 'mid-destroy' ? 'dev' : 'staging';
}
