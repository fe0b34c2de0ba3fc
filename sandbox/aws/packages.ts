/** Model packages of the sandbox: they exist and are approved, unless `SANDBOX_PACKAGES` specifies otherwise. */
import Joi from 'joi';

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModelPackage.html (ModelApprovalStatus) */
const schema = Joi.object().pattern(
  Joi.string().pattern(/^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:model-package\/.+$/),
  Joi.string().valid('Approved', 'Rejected', 'PendingManualApproval'),
);

/** @returns approval status by ARN, or everything that is wrong with the text. */
export function parsePackages(json: string): { packages: Record<string, string>; problems: string[] } {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch (error) {
    return { packages: {}, problems: [`is not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const { value, error } = schema.validate(given, { abortEarly: false });
  if (error) return { packages: {}, problems: error.details.map(({ message }) => message) };
  return { packages: value as Record<string, string>, problems: [] };
}
