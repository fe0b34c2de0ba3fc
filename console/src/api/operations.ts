/** Behind a gateway, a call that takes longer than its answer may is answered with an operation, which is asked for later. */
import { answerOf, api } from './client.ts';
import { ApiError } from './errors.ts';
import type { Model } from './model.ts';

type Operation = Model<'Operation'>;

const POLL_MS = 2_000;

/** @returns what the call itself would have answered */
export async function finished<T extends object>(answer: T | Operation, signal?: AbortSignal): Promise<T> {
  if (!isOperation(answer)) return answer;
  let operation: Operation = answer;
  while (operation.status === 'InProgress') {
    await pause(POLL_MS, signal);
    operation = await answerOf(
      api.GET('/operations/{id}', {
        params: { path: { id: operation.operationId } },
        ...(signal ? { signal } : {}),
      }),
    );
  }
  if (operation.status === 'Failed') {
    const { code = 'OPERATION_FAILED', message = 'The operation failed.' } = (operation.error ?? {}) as {
      code?: string;
      message?: string;
    };
    throw new ApiError(message, { status: 200, code });
  }
  return operation.result as T;
}

function isOperation(answer: object): answer is Operation {
  return 'operationId' in answer && 'kind' in answer;
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true });
  });
}
