/**
 * What AWS' own API models require of a request: required members, enumerations, bounds, patterns. The table of shapes is generated
 * from botocore (`npm run sandbox:shapes`), so that the stand-in knows these rules without our schemas.
 */
import type { Properties } from '../provider.ts';
import { BY_PROVIDER, PROVIDER_CALLS, requestOf } from './api-requests.ts';
import shapes from './api-shapes.json' with { type: 'json' };
import { refuse } from './aws-errors.ts';
import type { Shapes } from './shape-check.ts';
import { faultsOf } from './shape-check.ts';

const MODELS: Readonly<Record<string, Shapes | undefined>> = shapes;

/** Services that have another code for it. */
const CODES: Readonly<Record<string, string | undefined>> = {
  apigatewayv2: 'BadRequestException',
  codebuild: 'InvalidInputException',
  iam: 'ValidationError',
};

/**
 * Holds the desired state of a resource of Cloud Control against the request that its handler makes of it: the same names, but
 * that the handler may choose the resource's own. @throws AwsRefusal `InvalidRequestException`
 */
export function requireValidDesiredState(operation: string, desired: Properties): void {
  const model = MODELS['sagemaker'];
  if (!model) return;
  const faults = faultsOf(model, `${operation}Request`, { JobDefinitionName: 'generated', ...desired });
  refuseFaults('InvalidRequestException', faults);
}

/** Names that only the provider knows are none of AWS' business. */
const ITS_OWN = /: is not a member$/;

/** Holds a resource's inputs against the request that the provider makes of them. @throws AwsRefusal */
export function requireValidInputs(token: string, inputs: Properties): void {
  const call = PROVIDER_CALLS[token];
  const model = call && MODELS[call.service];
  if (!call || !model) return;
  const request = requestOf(model, call, inputs) as Properties;
  // Generated names are among the inputs by then.
  const faults = faultsOf(model, call.shape, request).filter((fault) => !BY_PROVIDER.test(fault));
  refuseFaults(CODES[call.service] ?? 'ValidationException', faults);
}

/** Holds a request to SageMaker against its operation. @throws AwsRefusal `ValidationException` */
export function requireValidRequest(operation: string, request: Properties): void {
  const model = MODELS['sagemaker'];
  if (model) refuseFaults('ValidationException', faultsOf(model, `${operation}Request`, request));
}

function refuseFaults(code: string, all: readonly string[]): void {
  const faults = all.filter((fault) => !ITS_OWN.test(fault)).map(worded);
  const count = `${faults.length} validation error${faults.length === 1 ? '' : 's'} detected`;
  if (faults.length > 0) refuse(code, `${count}: ${faults.join('; ')}`);
}

/** `CreateModelInput.ModelName: is required` as AWS says it. */
function worded(fault: string): string {
  const [, path = '', problem = ''] = /^[^.:]+\.?(\S*?): (.*)$/s.exec(fault) ?? [];
  const at = path.charAt(0).toLowerCase() + path.slice(1);
  if (problem === 'is required') return `Value null at '${at}' failed to satisfy constraint: Member must not be null`;
  return `Value at '${at}' failed to satisfy constraint: Member ${constraintOf(problem)}`;
}

function constraintOf(problem: string): string {
  const [, isLength, bound, limit] = /^(length )?\S+ is (above|below) (\S+)$/.exec(problem) ?? [];
  if (!bound) {
    return problem
      .replace(/^.* is not one of (.*)$/s, 'must satisfy enum value set: [$1]')
      .replace(/^(?!must ).* is not (.*)$/s, 'must satisfy regular expression pattern: $1');
  }
  const compared = bound === 'above' ? 'less than or equal to' : 'greater than or equal to';
  return `must have ${isLength ? 'length' : 'value'} ${compared} ${limit}`;
}
