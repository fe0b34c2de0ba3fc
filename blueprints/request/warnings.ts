/** Warnings that go with any pipeline type; those of one type are in its blueprint. */
import type { Blueprint, PipelineRequest } from '../blueprint.ts';

/** @param sent the body as it came, to see what was changed on the way in */
export function warningsOn(
  blueprint: Blueprint,
  request: PipelineRequest,
  sent: Readonly<Record<string, unknown>>,
): string[] {
  return [...s3Schemes(request, sent), ...(blueprint.warnings?.(request, sent) ?? [])];
}

function s3Schemes(request: PipelineRequest, sent: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(request)
    .filter((key) => startsWithScheme(sent[key]) && !startsWithScheme(request[key]))
    .map((key) => `"${key}" was accepted without s3://.`);
}

function startsWithScheme(value: unknown): boolean {
  const values = typeof value === 'object' && value !== null ? Object.values(value) : [value];
  return values.some((one) => typeof one === 'string' && one.startsWith('s3://'));
}
