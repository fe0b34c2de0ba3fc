/** Serves the provider to a Pulumi engine: prints the port, and runs until the engine ends it. */
import * as pulumi from '@pulumi/pulumi';
import { provider } from './provider.ts';

await pulumi.provider.main(provider, process.argv.slice(2));
