/** Calls of different people through the gateway, as status and body: what is refused is an answer too. */

/** What the gateway of the tests shares with the service. */
export const GATEWAY_SECRET = 'a-secret-of-the-tests-long-enough';

export interface Answer<T = Record<string, unknown>> {
  status: number;
  body: T;
}

/** @param url where the service listens at this moment: it may move when it is started again */
export async function callAs<T = Record<string, unknown>>(
  url: string,
  caller: string,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer<T>> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      'x-mlops-caller': caller,
      'x-mlops-gateway-secret': GATEWAY_SECRET,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}
