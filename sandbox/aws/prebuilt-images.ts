/**
 * Accounts that hold SageMaker's own images, by family and region, and which repository belongs to which family.
 * Like the real function this needs no call and checks neither that the image nor that its tag exists.
 * @see https://www.pulumi.com/registry/packages/aws/api-docs/sagemaker/getprebuiltecrimage/
 */
import { refuse } from './aws-errors.ts';
import families from './prebuilt-images.json' with { type: 'json' };

/** Account by region; `*` stands for the regions that are not named. Empty: a known family without a table here. */
type Accounts = Readonly<Record<string, string | undefined>>;

const BY_REPOSITORY: ReadonlyMap<string, Accounts> = new Map(
  families.flatMap(({ repositories, accounts }) => repositories.map((name) => [name, accounts] as const)),
);

/** The repositories that the function takes, sorted. */
export const REPOSITORIES: readonly string[] = [...BY_REPOSITORY.keys()].sort();

/** @returns the account of the registry. @throws AwsRefusal for an unknown repository, or one that is not in the region. */
export function registryOf(repository: string, region: string): string {
  const accounts = BY_REPOSITORY.get(repository);
  if (!accounts) {
    refuse(
      'InvalidParameter',
      `expected repository_name to be one of ${JSON.stringify(REPOSITORIES)}, got ${repository}`,
    );
  }
  const account = accounts[region] ?? accounts['*'];
  return (
    account ?? refuse('NotFound', `no registry ID available for region (${region}) and repository (${repository})`)
  );
}
