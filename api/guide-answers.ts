/**
 * The one place where answers get the guide's key names: `pipeline_id` for `pipelineId`. Everything in the service, and every
 * other answer, is camelCase; these are the answers of POST /provisionpipeline and of DELETE /pipelines/{id}, on which the
 * clients of the original rely.
 */
import type { ExecutionAnswer, PreviewAnswer } from '../automation/model.ts';

const GUIDE_KEYS = { pipelineId: 'pipeline_id', executionId: 'execution_id', pipelineType: 'pipeline_type' } as const;

type GuideKeys = typeof GUIDE_KEYS;

/** An answer with the guide's names for its own keys; what lies deeper keeps its names. */
export type GuideAnswer<T> = { [K in keyof T as K extends keyof GuideKeys ? GuideKeys[K] : K]: T[K] };

/** What POST /provisionpipeline and DELETE /pipelines/{id} answer. */
export type GuideProvisionAnswer = GuideAnswer<ExecutionAnswer>;
/** What `?preview=true` of those two calls answers. */
export type GuidePreviewAnswer = GuideAnswer<PreviewAnswer>;

/** Renames the keys of an answer as the guide spells them. */
export function toGuideAnswer<T extends object>(answer: T): GuideAnswer<T> {
  const guideKeys: Record<string, string> = GUIDE_KEYS;
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [Object.hasOwn(guideKeys, key) ? guideKeys[key] : key, value]),
  ) as GuideAnswer<T>;
}
