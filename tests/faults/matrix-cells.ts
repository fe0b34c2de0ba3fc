/**
 * Who is killed, and when: the moments at which an execution is held up until the kill, and how it gets there. A pipeline is
 * struck by one victim after the other, so that it is held up again in what resumed it.
 */

/** In the order of their kills. An operation is resumed twice by a service, and as often again by the next one. */
export const VICTIMS = ['child', 'service', 'engine', 'database'] as const;
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

/** What is killed when, and what holds an operation up at that moment: it hangs until it is killed, once. */
export interface Cell {
  readonly victim: Victim;
  readonly moment: Moment;
  readonly faults: readonly Record<string, unknown>[];
}

/** A pipeline, and where it is struck. */
export interface Journey {
  readonly model: string;
  readonly cells: readonly Cell[];
}

const ROLE = 'aws:iam/role:Role';
const MODEL = 'aws:sagemaker/model:Model';
const ENDPOINT_CONFIG = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';
const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const FUNCTION = 'aws:lambda/function:Function';
const ROUTE = 'aws:apigatewayv2/route:Route';

/** By the position of the kill: one after the other in a deployment, so that each is still to be created. */
const CREATED = [MODEL, ENDPOINT, FUNCTION, ROUTE];
/** By the position of the kill: what no refresh before that one has read. */
const READ = [ROLE, ROLE, ENDPOINT_CONFIG, ENDPOINT_CONFIG];

const createdThenHeld = (position: number) => [
  { type: CREATED[position], operation: 'create', when: 'after', action: 'hang' },
];
const heldInRefresh = (position: number) => [
  // The deployment dies on its own; the one that resumes it checks first what exists.
  ...(position === 0 ? [{ type: MODEL, operation: 'create', when: 'after', action: 'crash' }] : []),
  { type: READ[position], operation: 'read', action: 'hang' },
];

/** @param victims in their order */
export function journeysOf(victims: readonly Victim[]): Journey[] {
  const journey = (model: string, cellOf: (position: number) => Omit<Cell, 'victim'>): Journey => ({
    model,
    cells: victims
      .map((victim, position) => ({ victim, ...cellOf(position) }))
      .filter(({ victim, moment }) => !whyImpossible(victim, moment)),
  });
  const always =
    (moment: Moment, ...faults: Record<string, unknown>[]) =>
    () => ({ moment, faults });
  const inTurns = (refreshesAt: 0 | 1) => (position: number) =>
    position % 2 === refreshesAt
      ? { moment: 'during refresh' as const, faults: heldInRefresh(position) }
      : { moment: 'between create and checkpoint' as const, faults: createdThenHeld(position) };
  return [
    // An approved deployment is previewed once more, which takes no lock. One that is resumed is recovered first, which does.
    ...victims.map((victim) => ({
      model: `${victim}-before-lock`,
      cells: [
        {
          victim,
          moment: 'before lock' as const,
          faults: [{ type: 'pulumi:providers:aws', operation: 'configure', action: 'hang' }],
        },
      ],
    })),
    journey('mid-create', always('mid-create', { type: ENDPOINT, operation: 'create', action: 'hang' })),
    journey('created-first', inTurns(1)),
    journey('refreshed-first', inTurns(0)),
    journey('waiting', always('waiting for approval')),
    journey('mid-destroy', always('mid-destroy', { type: ENDPOINT, operation: 'delete', action: 'hang' })),
  ].filter(({ cells }) => cells.length > 0);
}

/** For `SANDBOX_FAULTS`: each strikes once. */
export function faultsOf(journey: Journey): Record<string, unknown>[] {
  const match = `${pipelineOf(journey)}.${environmentOf(journey)}`;
  return journey.cells.flatMap(({ faults }) => faults.map((fault) => ({ ...fault, match, times: 1 })));
}

export function pipelineOf({ model }: Journey): string {
  return `mlops-pipeline-${model}-byompipelinerealtimebuiltin`;
}

/** Where it is held up: deployments where they need approval, removals in the only environment that has something. */
export function environmentOf({ model }: Journey): 'dev' | 'staging' {
  return model === 'mid-destroy' ? 'dev' : 'staging';
}
