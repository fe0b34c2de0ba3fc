/** Reads the launch parameters from the stack's configuration. */
import * as pulumi from '@pulumi/pulumi';
import type { Settings } from './config.ts';
import { ConfigInvalid, parseSettings, regionProblems } from './config.ts';
import type { SECRET_KEYS } from './config-schema.ts';

export interface Configuration {
  settings: Settings;
  region: string;
  /** Undefined: the state of pipelines is stored in our own bucket. */
  pulumiAccessToken: pulumi.Output<string> | undefined;
  /** What the identity provider issued with `signIn.clientId`; given exactly where `signIn` is. */
  signInClientSecret: pulumi.Output<string> | undefined;
}

/** @throws pulumi.RunError, which the CLI shows without a stack trace, naming every problem */
export function readSettings(): Configuration {
  const config = new pulumi.Config();
  const prefix = `${config.name}:`;
  const given = Object.fromEntries(
    Object.entries(pulumi.runtime.allConfig())
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
  const region = new pulumi.Config('aws').get('region');
  try {
    const settings = parseSettings(given, config.name);
    if (!region)
      throw new ConfigInvalid(config.name, ['aws:region is required: pulumi config set aws:region <region>']);
    const elsewhere = regionProblems(settings, region);
    if (elsewhere.length > 0) throw new ConfigInvalid(config.name, elsewhere);
    const secretOf = (key: (typeof SECRET_KEYS)[number]) => (given[key] ? config.getSecret(key) : undefined);
    return {
      settings,
      region,
      pulumiAccessToken: secretOf('pulumiAccessToken'),
      signInClientSecret: secretOf('signInClientSecret'),
    };
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    throw new pulumi.RunError(error.message);
  }
}
