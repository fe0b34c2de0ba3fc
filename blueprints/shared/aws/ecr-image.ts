/** The URI of a container image in Amazon ECR → its parts. The only place that knows the form of these URIs. Pure. */
import { partitionOf } from './partitions.ts';

export interface EcrImage {
  uri: string;
  accountId: string;
  region: string;
  repository: string;
  /** Default of a pull: `latest`. */
  tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest?: string;
}

/** Host: `<account>.dkr.ecr.<region>.<domain>`, or the dual-stack form `<account>.dkr-ecr.<region>.on.aws`. */
const HOST = /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.([a-z0-9.-]+)$/;
const DUAL_STACK = /^\d{12}\.dkr-ecr(-fips)?\.[a-z0-9-]+\.on\.aws$/;
/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html (repositoryName) */
const REPOSITORY = /^[a-z0-9][a-z0-9._/-]*[a-z0-9]$/;
/** Two underscores or any number of hyphens may follow each other; no other separators may. */
const SEPARATORS_IN_A_ROW = /[./][._/-]|[_-][./]|_-|-_|___/;
/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html */
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

const FORM = '<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag>';

/** @returns undefined for an image that is not in a private registry of Amazon ECR */
export function parseEcrImage(uri: string): EcrImage | undefined {
  const slash = uri.indexOf('/');
  const host = uri.slice(0, Math.max(slash, 0));
  const [, accountId, region, domain] = HOST.exec(host) ?? [];
  if (!accountId || !region || !domain) return undefined;
  const ownDomain = host.includes('.dkr-ecr') ? DUAL_STACK.test(host) : domain === partitionOf(region).dnsSuffix;
  if (!ownDomain) return undefined;
  const [name = '', digest] = split(uri.slice(slash + 1), '@');
  const [repository = '', tag] = split(name, ':');
  if (!isRepositoryName(repository) || (tag !== undefined && !TAG.test(tag))) return undefined;
  // SageMaker takes one of them. @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
  if (digest !== undefined && (tag !== undefined || !DIGEST.test(digest))) return undefined;
  return { uri, accountId, region, repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

export function isRepositoryName(name: string): boolean {
  return REPOSITORY.test(name) && !SEPARATORS_IN_A_ROW.test(name);
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * Why SageMaker cannot pull an image, behind the name of the key; undefined for one in a private registry of Amazon ECR.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-containers-inference-private.html
 */
export function ecrImageFault(uri: string): string | undefined {
  if (parseEcrImage(uri)) return undefined;
  const must = `must be the URI of an Amazon ECR image: ${FORM}`;
  if (/^(public\.ecr\.aws|ecr-public\.)/.test(uri)) {
    return `${must}. SageMaker pulls from private registries only, not from Amazon ECR Public: push the image to a private repository`;
  }
  const [, , region, domain] = HOST.exec(uri.split('/')[0] ?? '') ?? [];
  if (region && domain && !uri.includes('.dkr-ecr') && domain !== partitionOf(region).dnsSuffix) {
    return `${must}. Registries in ${region} are in the domain ${partitionOf(region).dnsSuffix}, not ${domain}`;
  }
  if (uri.includes('@') && uri.includes(':') && /:[^@/]*@/.test(uri)) {
    return `${must}, or …/<repository>@sha256:<digest>: give a tag or a digest, not both`;
  }
  return must;
}
