/** Where the service keeps the state of the pipelines' stacks: Pulumi Cloud, or a separate bucket. */
import * as pulumi from '@pulumi/pulumi';
import { childOf } from './options.ts';
import { randomSecret, storeSecret } from './secrets.ts';
import { SecureBucket } from './secure-bucket.ts';

export interface PulumiStateArgs {
  /** For Pulumi Cloud. Without one, a bucket is created. Switching leaves existing stacks behind: see docs/deploy.md. */
  accessToken: pulumi.Input<string> | undefined;
  keyArn: pulumi.Input<string>;
  accessLogBucket: pulumi.Input<string>;
}

/** The bucket and the passphrase that encrypts secrets in the state are kept when the stack is destroyed. */
export class PulumiState extends pulumi.ComponentResource {
  /** Settings of the service. */
  readonly settings: Record<string, pulumi.Input<string>>;
  /** Settings that are secret: ARNs of their secrets. */
  readonly secrets: Record<string, pulumi.Input<string>>;
  /** Undefined with Pulumi Cloud. */
  readonly bucketArn: pulumi.Output<string> | undefined;
  readonly backendUrl: pulumi.Output<string>;

  constructor(name: string, args: PulumiStateArgs, options?: pulumi.ComponentResourceOptions) {
    super('mlops:infra:PulumiState', name, {}, options);
    const { accessToken, keyArn } = args;
    if (accessToken !== undefined) {
      this.settings = {};
      this.secrets = {
        PULUMI_ACCESS_TOKEN: storeSecret(
          `${name}-token`,
          { description: 'MLOps: access token of Pulumi Cloud', value: accessToken, keyArn },
          this,
        ),
      };
      this.backendUrl = pulumi.output('https://api.pulumi.com');
    } else {
      const bucket = new SecureBucket(name, { keyArn, accessLogBucket: args.accessLogBucket }, childOf(this));
      this.bucketArn = bucket.arn;
      this.backendUrl = pulumi.interpolate`s3://${bucket.name}`;
      this.settings = { PULUMI_BACKEND_URL: this.backendUrl };
      this.secrets = {
        PULUMI_CONFIG_PASSPHRASE: storeSecret(
          `${name}-passphrase`,
          {
            description: 'MLOps: encrypts secrets in the state of pipelines',
            value: randomSecret(`${name}-passphrase`, 64, this),
            keyArn,
            retain: true,
          },
          this,
        ),
      };
    }
    this.registerOutputs({ backendUrl: this.backendUrl });
  }
}
