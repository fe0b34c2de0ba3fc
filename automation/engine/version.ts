/** The supported versions of the Pulumi CLI, and which of them are tested. Pure. */
import { parseVersion } from './command.ts';

/** Tested versions, inclusive; tools/pulumi/go.mod pins the newest. */
export const TESTED_VERSIONS = { from: '3.265.0', to: '3.274.1' } as const;

/** Older ones may hang if a plugin outlives its operation: https://github.com/pulumi/pulumi/issues/24278 */
export const OLDEST_VERSION = '3.259.0';

export interface VersionVerdict {
  ok: boolean;
  /** Whether it is tested. */
  tested: boolean;
  /** For people. */
  detail: string;
}

/** @param text what `pulumi version` prints, such as `v3.274.1` */
export function judgeVersion(text: string): VersionVerdict {
  const version = parseVersion(text.trim());
  if (!version) {
    return {
      ok: false,
      tested: false,
      detail: `The Pulumi CLI reports the version "${text.trim()}". ${remedy()}`,
    };
  }
  const name = `Pulumi CLI ${version.version}`;
  if (version.compare(OLDEST_VERSION) < 0) {
    return { ok: false, tested: false, detail: `${name} is older than ${OLDEST_VERSION}. ${remedy()}` };
  }
  if (version.compare('4.0.0-0') >= 0) {
    return { ok: false, tested: false, detail: `${name} is of another major version than the SDK's. ${remedy()}` };
  }
  const { from, to } = TESTED_VERSIONS;
  const tested = version.compare(from) >= 0 && version.compare(to) <= 0;
  return { ok: true, tested, detail: tested ? name : `${name}, which is outside the tested range ${from} to ${to}` };
}

function remedy(): string {
  const { from, to } = TESTED_VERSIONS;
  return `Install one from ${from} to ${to}: https://www.pulumi.com/docs/iac/download-install/`;
}
