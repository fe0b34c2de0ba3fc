/** A warning for a framework version that SageMaker ignores. Pure. */
import type { PipelineRequest } from '../../blueprint.ts';

/** Of a framework with one version any version is accepted, as the original did. */
export function frameworkVersionWarnings(
  { model_framework: framework, model_framework_version: version }: PipelineRequest,
  { model_framework_version: sent }: Readonly<Record<string, unknown>>,
): string[] {
  return version === undefined || sent === undefined || String(sent).trim() === version
    ? []
    : [
        `"model_framework_version" ${String(sent)} was accepted as ${String(version)}: SageMaker has no other version of ${String(framework)}.`,
      ];
}
