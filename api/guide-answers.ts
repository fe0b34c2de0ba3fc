/**
 * The only place where responses get the guide's key names: `pipeline_id` for `pipelineId`. Everything else in the service is
 * camelCase; these are the responses of POST /provisionpipeline and DELETE /pipelines/{id}, on which clients of the original
 * rely.
 */
import type { ExecutionAnswer, PreviewAnswer } from '../automation/model.ts';

const GUIDE_KEYS = { pipelineId: 'pipeline_id', executionId: 'execution_id', pipelineType: 'pipeline_type' } as const;

type GuideKeys = typeof GUIDE_KEYS;

/** A response with the guide's names for its top-level keys; nested keys keep their names. */
export type GuideAnswer<T> = { [K in keyof T as K extends keyof GuideKeys ? GuideKeys[K] : K]: T[K] };

/** Response of POST /provisionpipeline and DELETE /pipelines/{id}. */
export type GuideProvisionAnswer = GuideAnswer<ExecutionAnswer>;
/** Response of those two calls with `?preview=true`. */
export type GuidePreviewAnswer = GuideAnswer<PreviewAnswer>;

/** Renames the keys of a response to those of the guide. */
export function toGuideAnswer<T extends object>(answer: T): GuideAnswer<T> {
  const guideKeys: Record<string, string> = GUIDE_KEYS;
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [Object.hasOwn(guideKeys, key) ? guideKeys[key] : key, value]),
  ) as GuideAnswer<T>;
}
