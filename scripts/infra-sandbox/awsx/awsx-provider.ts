/** `awsx` as a Pulumi provider: it has no resources, only components built from those of `aws`. */
import type { ConstructRequest, Provider } from '../../../sandbox/provider.ts';
import { ProviderError } from '../../../sandbox/provider.ts';
import { constructLoadBalancer } from './application-load-balancer.ts';
import { Construction } from './construction.ts';
import { constructFargateService } from './fargate.ts';
import { constructVpc } from './vpc.ts';

/** An engine asks no provider for components that does not take secrets. */
const FEATURES = { acceptSecrets: true, acceptResources: true, acceptOutputs: false, supportsPreview: true };

type Answer = Awaited<ReturnType<NonNullable<Provider['construct']>>>;
type Construct = (construction: Construction) => Promise<Answer>;

const COMPONENTS: Readonly<Record<string, Construct>> = {
  'awsx:ec2:Vpc': constructVpc,
  'awsx:ecs:FargateService': constructFargateService,
  'awsx:lb:ApplicationLoadBalancer': constructLoadBalancer,
};

/** Tokens of all simulated components. */
export const SIMULATED_COMPONENTS: readonly string[] = Object.keys(COMPONENTS).sort();

/** @returns a provider that answers Construct, and refuses what only resources need. */
export function createAwsxProvider(): Provider {
  const noResources = (): Promise<never> =>
    Promise.reject(new ProviderError('awsx has components only: it is never asked about a resource.'));
  return {
    checkConfig: ({ news }) => Promise.resolve({ inputs: news, failures: [] }),
    diffConfig: () => Promise.resolve({ changes: 'none' }),
    features: FEATURES,
    configure: () => Promise.resolve(FEATURES),
    check: noResources,
    diff: noResources,
    create: noResources,
    read: noResources,
    update: noResources,
    delete: noResources,
    invoke: ({ tok }) => Promise.reject(new ProviderError(`The sandbox awsx does not simulate ${tok}.`)),
    construct,
    cancel: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

async function construct(request: ConstructRequest): Promise<Answer> {
  const make = COMPONENTS[request.type];
  if (!make) throw new ProviderError(refusalOf(request.type));
  const construction = new Construction(request);
  try {
    return await make(construction);
  } finally {
    construction.close();
  }
}

function refusalOf(type: string): string {
  if (type === 'awsx:ecr:Image') {
    return 'The sandbox builds no images: it has no Docker engine. Give the program an image that is there (imageUri).';
  }
  return `The sandbox awsx does not simulate ${type}. It simulates: ${SIMULATED_COMPONENTS.join(', ')}.`;
}
