/** Before a stack's first deployment: whether the environment has what it needs. A stack that has resources had it. */
import type { Stack } from '@pulumi/pulumi/automation/index.js';
import type { Need } from '../../../blueprints/needs.ts';
import type { PreflightFinding, StageError } from '../../orchestrator.ts';
import type { ExecuteContext } from './context.ts';
import type { LoadedProgram } from './load-program.ts';
import { readState } from './state.ts';
import type { OperationFailed, StackOperation } from '../operation.ts';

/**
 * @param stack undefined where there is none yet
 * @returns what is missing. A stack that has resources is asked for its model package only: an approval may be taken back.
 */
export async function runPreflight(
  stack: Stack | undefined,
  operation: StackOperation,
  { engine, note }: ExecuteContext,
  { needs = () => [] }: LoadedProgram,
): Promise<PreflightFinding[]> {
  const all = needs(operation.request, {
    assetsBucket: operation.environment.assetsBucket,
    allowUnapprovedModelPackages: operation.allowUnapprovedModelPackages ?? false,
  });
  const isFirst = !stack || !(await hasResources(stack));
  const wanted = isFirst ? all : all.filter(({ kind }: Need) => kind === 'model-package');
  if (!isFirst && wanted.length === 0) return [];
  const findings = await engine.cloud.preflight(operation.environment, wanted, note);
  note('preflight.done', { looked: wanted.length, findings: findings.length });
  return findings;
}

/** Nothing was created; every finding is told. @returns undefined where there are none */
export function preflightFailure(
  findings: PreflightFinding[],
  { environment }: StackOperation,
): OperationFailed | undefined {
  if (findings.length === 0) return undefined;
  const lines = findings.map(({ check, subject, message }) => `\n  - ${check} ${subject}: ${message}`).join('');
  const error: StageError = {
    code: 'PREFLIGHT_FAILED',
    message: `Environment ${environment.name} (account ${environment.accountId || 'of the credentials'}, ${environment.region}) is not ready for this deployment, and nothing was changed:${lines}`,
    hint: 'Repair all that is named, then retry the execution or send the request again.',
    findings,
  };
  return { ok: false, error, summary: {} };
}

/** The stack itself and the provider are records of Pulumi's, and nothing in an account. */
const RECORDS = /^pulumi:(pulumi:Stack|providers:)/;

async function hasResources(stack: Stack): Promise<boolean> {
  const { state } = await readState(stack);
  return (state?.resources ?? []).some(({ type }) => !RECORDS.test(type));
}
