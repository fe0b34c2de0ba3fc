/** Requests for pipelines: checked, previewed, sent. */
import { answerOf, api } from './client.ts';
import { ApiError } from './errors.ts';
import type { Fault } from './errors.ts';
import type { Model } from './model.ts';
import { finished } from './operations.ts';

export type Request = Record<string, unknown>;
export type Validation = Model<'GuideValidationAnswer'>;
export type Preview = Model<'GuidePreviewAnswer'>;

const send = (body: Request, query: { validate_only?: boolean; preview?: boolean }, signal?: AbortSignal) =>
  answerOf(
    // Any object may be sent: the service says what is wrong with it.
    api.POST('/provisionpipeline', { body: body as never, params: { query }, ...(signal ? { signal } : {}) }),
  );

/** What the service says about a request: nothing is stored. */
export async function validate(
  request: Request,
  signal: AbortSignal,
): Promise<{ answer?: Validation; faults: readonly Fault[]; refusal?: ApiError }> {
  try {
    return { answer: (await send(request, { validate_only: true }, signal)) as Validation, faults: [] };
  } catch (error) {
    // Refusals are what was asked for; only an unreachable service is an error.
    if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) throw error;
    return { faults: error.faults, refusal: error };
  }
}

export async function preview(request: Request, signal: AbortSignal): Promise<Preview> {
  return await finished<Preview>((await send(request, { preview: true }, signal)) as Preview, signal);
}

export async function provision(request: Request): Promise<Model<'GuideProvisionAnswer'>> {
  return (await send(request, {})) as Model<'GuideProvisionAnswer'>;
}
