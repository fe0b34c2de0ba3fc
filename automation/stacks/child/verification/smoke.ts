/** A first request to a new endpoint: `InService` does not mean that the model returns what it should. */
import { createContext, runInContext } from 'node:vm';
import type { SmokeRequest } from '../../../../blueprints/blueprint.ts';
import type { StageError } from '../../../model.ts';
import type { EndpointWatch } from './endpoint.ts';
import { describeFailure } from '../pulumi-errors.ts';

/** How much of a response an error quotes: enough to see what is wrong with it. */
const SHOWN_CHARACTERS = 500;
/** Time limit for the pattern, which may backtrack practically forever on some responses. */
const MATCH_MILLISECONDS = 1_000;

/** @returns the error of the stage; undefined if the endpoint answered as expected */
export async function trySmokeRequest(
  endpointName: string,
  smoke: SmokeRequest,
  { cloud, environment, signal, note }: EndpointWatch,
): Promise<StageError | undefined> {
  note('endpoint.tried', { name: endpointName, contentType: smoke.contentType });
  let answer: string;
  try {
    ({ body: answer } = await cloud.invokeEndpoint(environment, endpointName, smoke, signal));
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    const { name, message } = thrown as Error;
    return failure(endpointName, `did not answer the smoke request: ${name}: ${message}`);
  }
  const reason = smoke.expected === undefined ? undefined : mismatch(smoke.expected, answer);
  return reason === undefined ? undefined : failure(endpointName, `${reason} The answer: ${shown(answer)}`);
}

function failure(endpointName: string, what: string): StageError {
  return {
    ...describeFailure(`Endpoint ${endpointName} ${what}`, undefined, 'SMOKE_REQUEST_FAILED'),
    hint: 'The endpoint serves the new configuration; the previous model and configuration were kept. Correct the model or the smoke_request and send the request again, or roll back to the previous revision.',
  };
}

/** V8 checks for interrupts while it matches a pattern, so the time limit also stops catastrophic backtracking. */
function mismatch(expected: string, answer: string): string | undefined {
  const context = createContext({ expected, answer });
  try {
    const matches = runInContext("new RegExp(expected, 'u').test(answer)", context, { timeout: MATCH_MILLISECONDS });
    return matches ? undefined : `answered, but not as expected (${expected}).`;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
    return `answered, but the expected pattern (${expected}) was not through with the answer after ${MATCH_MILLISECONDS} ms: use a simpler one.`;
  }
}

function shown(answer: string): string {
  return answer.length > SHOWN_CHARACTERS ? `${answer.slice(0, SHOWN_CHARACTERS)}… (cut)` : answer || '(empty)';
}
