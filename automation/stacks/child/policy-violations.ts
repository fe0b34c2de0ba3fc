/** What policy packs reported during one operation, collected from the engine's events. */
import type { EngineEvent, PreviewOptions } from '@pulumi/pulumi/automation/index.js';
import type { EngineSettings } from '../../engine/engine.ts';
import type { PreflightFinding, StageError } from '../../model.ts';
import { POLICY_VIOLATED } from '../operation.ts';

type PolicyEvent = NonNullable<EngineEvent['policyEvent']>;

/**
 * The options of a preview and of an update that run the policy packs of the settings.
 * @see https://www.pulumi.com/docs/iac/cli/commands/pulumi_up/ `--policy-pack`, `--policy-pack-config`
 */
export function policyOptions({
  policyPacks = [],
}: EngineSettings): Pick<PreviewOptions, 'policyPacks' | 'policyPackConfigs'> {
  if (policyPacks.length === 0) return {};
  const configs = policyPacks.flatMap(({ config }) => config ?? []);
  return {
    policyPacks: policyPacks.map(({ path }) => path),
    ...(configs.length > 0 ? { policyPackConfigs: configs } : {}),
  };
}

export class PolicyViolations {
  readonly #findings = new Map<string, PreflightFinding>();

  /** @returns whether the violation is new: an update reports those of the preview before it again */
  add(event: PolicyEvent): boolean {
    const finding = toFinding(event);
    const key = JSON.stringify(finding);
    const isNew = !this.#findings.has(key);
    this.#findings.set(key, finding);
    return isNew;
  }

  /** In the order of the engine's reports. */
  findings(): PreflightFinding[] {
    return [...this.#findings.values()];
  }

  /** @returns the error of a stage stopped by a mandatory policy; undefined if no mandatory policy is violated */
  toStageError(): StageError | undefined {
    const mandatory = this.findings().filter(({ policy }) => policy?.enforcementLevel === 'mandatory');
    if (mandatory.length === 0) return undefined;
    const [{ subject } = { subject: '' }] = mandatory;
    const lines = mandatory.map(({ message }) => `\n  - ${message}`).join('');
    return {
      code: POLICY_VIOLATED,
      message: `The change violates ${mandatory.length === 1 ? 'a mandatory policy' : 'mandatory policies'}:${lines}`,
      ...(subject.startsWith('urn:') ? { urn: subject } : {}),
      hint: 'Correct the request or the blueprint that creates the resource, or have the owner of the policy pack change the policy; then send the request again.',
      findings: this.findings(),
    };
  }
}

/** A policy for a whole stack names no resource. */
export function toFinding(event: PolicyEvent): PreflightFinding {
  const { resourceUrn, policyName: name, policyPackName: pack } = event;
  // The SDK declares `warning`; the engine says `advisory`.
  const enforcementLevel = event.enforcementLevel === 'mandatory' ? 'mandatory' : 'advisory';
  const version = event.policyPackVersionTag || event.policyPackVersion;
  const text = event.message.replaceAll(COLOR_TAG, '').trim();
  return {
    check: 'policy',
    subject: resourceUrn || 'stack',
    message: `[${enforcementLevel}] ${pack}/${name}${resourceUrn ? ` (${resourceUrn.split('::').at(-1)})` : ''}: ${text}`,
    policy: { pack, ...(version ? { packVersion: version } : {}), name, enforcementLevel },
  };
}

/** How the engine marks colors in messages: `<{%red%}>`. */
const COLOR_TAG = /<\{%[^%]*%\}>/g;
