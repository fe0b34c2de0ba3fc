/** What the URI of an image in Amazon ECR looks like, and what it says: for schemas, policies and the preflight alike. */

export interface EcrImage {
  uri: string;
  accountId: string;
  region: string;
  repository: string;
  /** One of the two at most; a URI with neither means `latest`. */
  tag?: string;
  digest?: string;
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html */
export const ECR_IMAGE_URI =
  /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z0-9.-]+\/([a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?)(?::([\w][\w.-]{0,127})|@(sha256:[0-9a-f]{64}))?$/;

/** @returns undefined for an image that is not in a private ECR registry. */
export function parseEcrImage(uri: string): EcrImage | undefined {
  const [, accountId, region, repository, tag, digest] = ECR_IMAGE_URI.exec(uri) ?? [];
  if (!accountId || !region || !repository) return undefined;
  return { uri, accountId, region, repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}
