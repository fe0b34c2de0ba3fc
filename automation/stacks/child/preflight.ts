/** Checks before a deployment: does the environment have what a new stack needs, and does AWS allow the change to a deployed one? */
import type { DeployedResource } from '../../../blueprints/blueprint.ts';
import type { InstanceUsage, Need } from '../../../blueprints/needs.ts';
import type { InstanceUse } from '../../../blueprints/shared/aws/instance-types.ts';
import { instanceTypeFault } from '../../../blueprints/shared/aws/instance-types.ts';
import type { PreflightFinding, StageError } from '../../model.ts';
import type { ExecuteContext } from './context.ts';
import type { FailedEndpoint } from './failed-endpoint.ts';
import { findFailedEndpoint } from './failed-endpoint.ts';
import type { LoadedProgram } from './load-program.ts';
import type { OpenStack } from './open-stack.ts';
import type { StateResource } from './state.ts';
import type { OperationFailed, StackOperation } from '../operation.ts';
import { ENDPOINT_TYPE } from './verification/endpoint.ts';

/** Result of the preflight. */
export interface Preflight {
  findings: PreflightFinding[];
  /** Resources of the stack as last deployed; none before its first deployment. */
  deployed: StateResource[];
  /** URNs of resources that AWS cannot change in place, so the engine replaces them, creating the new one first. */
  replace: string[];
  failed: FailedEndpoint | undefined;
}

/**
 * @param stack undefined if there is none yet
 * @returns what is missing or cannot be done. A stack's needs are checked before its first deployment only, except for the
 * model package: its approval may be withdrawn.
 */
export async function runPreflight(
  stack: OpenStack | undefined,
  operation: StackOperation,
  context: ExecuteContext,
  { needs = () => [], conflicts = () => [] }: LoadedProgram,
): Promise<Preflight> {
  const { engine, note } = context;
  const { environment, pipelineId, request } = operation;
  const all = needs(request, {
    assetsBucket: environment.assetsBucket,
    allowUnapprovedModelPackages: operation.allowUnapprovedModelPackages ?? false,
  });
  const deployed = stack ? await deployedResources(stack) : [];
  const isFirst = deployed.length === 0;
  const names = all.filter((need) => need.kind === 'endpoint-name');
  const wanted = all.filter(({ kind }) => (isFirst ? kind !== 'endpoint-name' : kind === 'model-package'));
  const failed = await findFailedEndpoint(deployed, operation, context);
  const found = conflicts(request, deployed.flatMap(toDeployed), {
    pipelineId,
    environment: environment.name,
    monitors: operation.monitors ?? [],
    ...(failed ? { failed: failed.name } : {}),
  });
  const replaced = new Set(found.flatMap(({ replaceable, subject }) => (replaceable ? subject : [])));
  const replace = deployed.flatMap(({ urn, id, delete: isOld }) => (id && !isOld && replaced.has(id) ? urn : []));
  const refused = found.flatMap(({ replaceable, subject, message }): PreflightFinding[] =>
    replaceable ? [] : [{ check: 'deployed', subject, message }],
  );
  const types = instanceTypeFindings(all);
  const missing = isFirst || wanted.length > 0 ? await engine.cloud.preflight(environment, wanted, note) : [];
  // Without the role there is nothing to ask with.
  const entered = !missing.some(({ check }) => check === 'role');
  const own = stack ? await endpointsOf(stack) : [];
  const taken = entered ? await takenNames(names, own, operation, context) : [];
  const findings = [...missing, ...taken, ...types, ...refused];
  if (!isFirst && wanted.length === 0 && findings.length === 0) return { findings, deployed, replace, failed };
  note('preflight.done', { looked: wanted.length, findings: findings.length });
  return { findings, deployed, replace, failed };
}

/** Names of the stack's endpoints, also of one that a killed operation began to create: it is recovered before a deployment. */
async function endpointsOf(stack: OpenStack): Promise<string[]> {
  const { resources = [], pending_operations: pending = [] } = (await stack.state()) ?? {};
  return [...resources, ...pending.map(({ resource }) => resource)].flatMap(({ type, id, inputs }) =>
    type === ENDPOINT_TYPE ? [id ?? String(inputs?.name)] : [],
  );
}

/**
 * Names that the request gives to a new endpoint and that another one in the account has.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html (EndpointName)
 */
async function takenNames(
  needs: readonly Extract<Need, { kind: 'endpoint-name' }>[],
  own: readonly string[],
  { environment }: StackOperation,
  { engine, note }: ExecuteContext,
): Promise<PreflightFinding[]> {
  const found = needs.map(async ({ pointer, name }): Promise<PreflightFinding[]> => {
    if (own.includes(name)) return [];
    try {
      const other = await engine.cloud.describeEndpoint(environment, name);
      const message = `${pointer}: An endpoint of this name exists already, and is not of this pipeline: choose another name, or delete that endpoint.`;
      return other ? [{ check: 'endpoint-name', subject: name, message }] : [];
    } catch (error) {
      note('preflight.not-asked', { subject: name, reason: String(error) });
      return [];
    }
  });
  return (await Promise.all(found)).flat();
}

const USES = {
  endpoint: 'endpoint',
  'training job': 'training',
  'spot training job': 'training',
  'transform job': 'transform',
  'processing job': 'processing',
} as const satisfies Record<InstanceUsage, InstanceUse>;

/** Instance types that SageMaker does not have for what runs on them: the guide's own examples have one. */
function instanceTypeFindings(needs: readonly Need[]): PreflightFinding[] {
  return needs.flatMap((need): PreflightFinding[] => {
    if (need.kind !== 'instances') return [];
    const reason = instanceTypeFault(need.instanceType, USES[need.usage]);
    return reason === undefined
      ? []
      : [{ check: 'instance-type', subject: need.instanceType, message: `${need.pointer}: It ${reason}.` }];
  });
}

/** Says that nothing was created, and lists every finding. @returns undefined if there are none */
export function preflightFailure(
  findings: PreflightFinding[],
  { environment }: StackOperation,
): OperationFailed | undefined {
  if (findings.length === 0) return undefined;
  const lines = findings.map(({ check, subject, message }) => `\n  - ${check} ${subject}: ${message}`).join('');
  const error: StageError = {
    code: 'PREFLIGHT_FAILED',
    message: `Environment ${environment.name} (account ${environment.accountId || 'of the credentials'}, ${environment.region}) is not ready for this deployment; nothing was changed:${lines}`,
    hint: 'Resolve these findings, then retry the execution or send the request again.',
    findings,
  };
  return { ok: false, error, summary: {} };
}

/** The stack itself and providers are Pulumi's own records; nothing in an account corresponds to them. */
const RECORDS = /^pulumi:(pulumi:Stack|providers:)/;

async function deployedResources(stack: OpenStack): Promise<StateResource[]> {
  const state = await stack.state();
  return (state?.resources ?? []).filter(({ type }) => !RECORDS.test(type));
}

/** A resource that is pending deletion no longer belongs to the stack. */
function toDeployed({ type, id, inputs = {}, delete: isOld }: StateResource): DeployedResource[] {
  return id === undefined || isOld ? [] : [{ type, id, inputs }];
}
