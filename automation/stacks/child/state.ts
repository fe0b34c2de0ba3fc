/** The part of a stack's exported state that operations use. @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/ */
export interface StateResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  delete?: boolean;
  /** URNs of the resources that must exist before it. */
  dependencies?: string[];
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

export interface PendingOperation {
  type: string;
  resource: StateResource;
}

export interface StackState {
  /** `time`: when the engine saved this state, as an ISO time. */
  manifest?: { time?: string };
  resources?: StateResource[];
  pending_operations?: PendingOperation[];
}

/** Marks a secret among the values of a state. @see https://www.pulumi.com/docs/iac/concepts/secrets/ */
const SIGNATURE = '4dabf18193072939515e22adb298388d';
const SECRET = '1b47061264138c4ac30d75fd1eb44270';

const STACK_TYPE = 'pulumi:pulumi:Stack';

/** @returns the stack's outputs without those that are secret or contain a secret */
export function plainOutputs({ resources = [] }: StackState): Record<string, unknown> {
  const { outputs = {} } = resources.find(({ type, delete: isOld }) => type === STACK_TYPE && !isOld) ?? {};
  return Object.fromEntries(Object.entries(outputs).filter(([, output]) => !hasSecret(output)));
}

function hasSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return (value as Record<string, unknown>)[SIGNATURE] === SECRET || Object.values(value).some(hasSecret);
}
