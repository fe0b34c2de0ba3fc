/** Whether a model package may be deployed: the same messages for AWS, the sandbox and preflight checks. Pure. */

/** A model package version as SageMaker's DescribeModelPackage shows it. */
export interface ModelPackageDescription {
  /** `Completed` once it can be used. */
  status: string;
  /** `Approved`, `Rejected` or `PendingManualApproval`; empty for a package without versions. */
  approvalStatus: string;
}

/**
 * @param found undefined if the package does not exist
 * @param mayBeUnapproved `ALLOW_UNAPPROVED_MODEL_PACKAGES`
 * @returns the reason against it
 */
export function unusablePackage(
  found: ModelPackageDescription | undefined,
  mayBeUnapproved: boolean,
): string | undefined {
  if (!found) return 'The model package does not exist, or its group is not shared with this account.';
  const { status, approvalStatus } = found;
  if (status !== 'Completed') return `The model package is ${status || 'in no state'}, not Completed.`;
  // Packages outside a group have no approval status.
  if (mayBeUnapproved || approvalStatus === '' || approvalStatus === 'Approved') return undefined;
  return `The model package is ${approvalStatus}: have it approved in the model registry, or allow such packages with ALLOW_UNAPPROVED_MODEL_PACKAGES=Yes.`;
}
