/** Secrets of the service: generated here or given, stored in Secrets Manager, passed to the tasks by reference. */
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { childOf } from './options.ts';

/** Days in which a deleted secret can be restored. */
const RECOVERY_DAYS = 7;

/** Letters and digits only: no escaping is needed in URLs or in API Gateway's mappings, where `$` begins a variable. */
export function randomSecret(name: string, length: number, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(name, { length, special: false }, childOf(parent)).result;
}

export interface StoredSecretArgs {
  description: string;
  /** Secret in the state as well. Changing it creates a new version; tasks read it when they start. */
  value: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
  /** Kept when the stack is destroyed. Default false. */
  retain?: boolean;
}

/** @returns the ARN, which resolves once the secret has a value: a task that starts earlier would not find one. */
export function storeSecret(name: string, args: StoredSecretArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const options = { ...childOf(parent), retainOnDelete: args.retain ?? false };
  const secret = new aws.secretsmanager.Secret(
    name,
    { description: args.description, kmsKeyId: args.keyArn, recoveryWindowInDays: RECOVERY_DAYS },
    options,
  );
  const version = new aws.secretsmanager.SecretVersion(
    name,
    { secretId: secret.arn, secretString: pulumi.secret(args.value) },
    options,
  );
  return version.secretArn;
}
