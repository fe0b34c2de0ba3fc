import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface DemoSettings {
  image?: string;
  namePrefix?: string;
  topic?: boolean;
  bad?: boolean;
}

class Demo extends pulumi.ComponentResource {
  readonly model: pulumi.Output<string>;
  readonly fn: pulumi.Output<string>;
  readonly account: pulumi.Output<string>;

  constructor(settings: DemoSettings, token: pulumi.Output<string>, provider: aws.Provider) {
    super('mlops:blueprint:Demo', 'demo', {}, { providers: { aws: provider } });
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    const account = aws.getCallerIdentityOutput({}, { parent: this });
    const role = new aws.iam.Role(
      'demo-role',
      { assumeRolePolicy: policy, namePrefix: settings.namePrefix ?? 'demo-' },
      { parent: this },
    );
    const model = new aws.sagemaker.Model(
      'demo-model',
      {
        executionRoleArn: role.arn,
        primaryContainer: { image: settings.image ?? 'img:1', environment: { TOKEN: token } },
      },
      { parent: this },
    );
    const code = new pulumi.asset.AssetArchive({
      'index.mjs': new pulumi.asset.StringAsset('export const handler = async () => 1;\n'),
    });
    const fn = new aws.lambda.Function(
      'demo-fn',
      { role: role.arn, handler: 'index.handler', runtime: 'nodejs22.x', code },
      { parent: this },
    );
    if (settings.topic === true) {
      new aws.sns.Topic('demo-topic', { displayName: account.accountId }, { parent: this });
    }
    if (settings.bad === true) {
      new aws.iam.Role('bad', { name: 'x-fail', assumeRolePolicy: policy }, { parent: this });
    }
    this.model = model.arn;
    this.fn = fn.arn;
    this.account = account.accountId;
    this.registerOutputs();
  }
}

/** The program of the transcripts. */
export function demoProgram(settings: DemoSettings = {}): pulumi.automation.PulumiFn {
  return () => {
    const config = new pulumi.Config('mlops');
    const provider = new aws.Provider('env', {
      region: 'eu-west-1',
      allowedAccountIds: ['222222222222'],
      skipCredentialsValidation: false,
      skipRegionValidation: true,
    });
    const token = config.requireSecret('token');
    const demo = new Demo(settings, token, provider);
    return Promise.resolve({ model: demo.model, fn: demo.fn, account: demo.account, secretThing: token });
  };
}
