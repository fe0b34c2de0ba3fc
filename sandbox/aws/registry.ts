/**
 * Every resource type that the sandbox simulates: the definitions of `services/`, and of extensions, completed with what the
 * SDK knows.
 */
import { ProviderError } from '../provider.ts';
import sdkTypes from './sdk-types.json' with { type: 'json' };
import type { ResourceType, SdkType, TypeDefinition } from './resource-type.ts';
import { apigatewayv2Types } from './services/apigatewayv2.ts';
import { appautoscalingTypes } from './services/appautoscaling.ts';
import { cloudcontrolTypes } from './services/cloudcontrol.ts';
import { cloudwatchTypes } from './services/cloudwatch.ts';
import { developerToolTypes } from './services/developer-tools.ts';
import { iamTypes } from './services/iam.ts';
import { keyAndSecretTypes } from './services/keys-and-secrets.ts';
import { lambdaTypes } from './services/lambda.ts';
import { messagingTypes } from './services/messaging.ts';
import { s3Types } from './services/s3.ts';
import { sagemakerTypes } from './services/sagemaker.ts';

const SDK_TYPES: Readonly<Record<string, SdkType | undefined>> = sdkTypes;

const byToken = new Map<string, ResourceType>();
addTypes([
  ...apigatewayv2Types,
  ...appautoscalingTypes,
  ...cloudcontrolTypes,
  ...cloudwatchTypes,
  ...developerToolTypes,
  ...iamTypes,
  ...keyAndSecretTypes,
  ...lambdaTypes,
  ...messagingTypes,
  ...s3Types,
  ...sagemakerTypes,
]);

/** Adds the types of an extension, for the whole process: what a type is does not depend on the account. */
export function addTypes(definitions: readonly TypeDefinition[]): void {
  for (const definition of definitions) byToken.set(definition.token, complete(definition));
}

function complete(definition: TypeDefinition): ResourceType {
  const { required = [], outputs = [], taggable = false } = SDK_TYPES[definition.token] ?? {};
  const { computed = [], defaults = {}, mayBeEmpty = [], optionalOutputs = [] } = definition;
  const filledIn = new Set([...Object.keys(defaults), ...optionalOutputs]);
  return {
    ...definition,
    required: required.filter((name) => !mayBeEmpty.includes(name)),
    taggable,
    computed: [...outputs.filter((name) => !filledIn.has(name)), ...computed],
  };
}

/** Tokens of all simulated types, sorted. */
export function simulatedTypes(): string[] {
  return [...byToken.keys()].sort();
}

export function findType(token: string): ResourceType | undefined {
  return byToken.get(token);
}

/** @throws ProviderError for a type that is not simulated, listing those that are. */
export function requireType(token: string): ResourceType {
  const type = findType(token);
  if (type) return type;
  throw new ProviderError(
    `The sandbox AWS does not simulate ${token}. It simulates: ${simulatedTypes().join(', ')}. ` +
      `Use a real AWS account (PULUMI_ENGINE=cli without SANDBOX_AWS) for this type.`,
  );
}
