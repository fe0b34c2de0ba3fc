import { createHash } from 'node:crypto';
import type { Properties, Property } from '../provider.ts';
import { SECRET, SIGNATURE } from '../provider.ts';
import { CliError } from './cli-error.ts';
import { isObject, isSecret, mapProperty, signatureOf, sortKeys } from './properties.ts';
import type { Crypter } from './secrets.ts';

/**
 * One resource of a checkpoint, in the order of fields that the CLI writes.
 * @see https://github.com/pulumi/pulumi/blob/master/sdk/go/common/apitype/core.go
 */
export interface ResourceState {
  urn: string;
  custom: boolean;
  /** A replaced resource whose deletion is still due. */
  delete?: boolean;
  id?: string;
  type: string;
  inputs?: Properties;
  outputs?: Properties;
  parent?: string;
  protect?: boolean;
  taint?: boolean;
  /** Read, not owned. */
  external?: boolean;
  dependencies?: string[];
  initErrors?: string[];
  provider?: string;
  propertyDependencies?: Record<string, string[]>;
  /** Deleted before its replacement was made; the replacement is due. */
  pendingReplacement?: boolean;
  additionalSecretOutputs?: string[];
  aliases?: string[];
  /** Seconds. */
  customTimeouts?: { create?: number; update?: number; delete?: number; read?: number };
  importID?: string;
  retainOnDelete?: boolean;
  deletedWith?: string;
  replaceWith?: string[];
  created?: string;
  modified?: string;
  /** Where in the program it was registered: `project:///index.ts#12,3`. */
  sourcePosition?: string;
  stackTrace?: Array<{ sourcePosition?: string }>;
  ignoreChanges?: string[];
  hideDiff?: string[];
  replaceOnChanges?: string[];
}

export type PendingOperationType = 'creating' | 'updating' | 'deleting' | 'reading' | 'importing';

/** A cloud operation of which it is not known whether it came to an end. */
export interface PendingOperation {
  resource: ResourceState;
  type: PendingOperationType;
}

/** What a checkpoint and `stack export` hold, with secrets in the clear: never written as it is. */
export interface StackState {
  manifest: { time: string; magic: string; version: string };
  secrets_providers?: { type: string; state?: { salt: string } };
  resources?: ResourceState[];
  pending_operations?: PendingOperation[];
  metadata?: Record<string, unknown>;
}

const FIELD_ORDER: Array<keyof ResourceState> = [
  'urn',
  'custom',
  'delete',
  'id',
  'type',
  'inputs',
  'outputs',
  'parent',
  'protect',
  'taint',
  'external',
  'dependencies',
  'initErrors',
  'provider',
  'propertyDependencies',
  'pendingReplacement',
  'additionalSecretOutputs',
  'aliases',
  'customTimeouts',
  'importID',
  'retainOnDelete',
  'deletedWith',
  'replaceWith',
  'created',
  'modified',
  'sourcePosition',
  'stackTrace',
  'ignoreChanges',
  'hideDiff',
  'replaceOnChanges',
];

export function newManifest(version: string): StackState['manifest'] {
  const tag = `v${version}`;
  return { time: new Date().toISOString(), magic: createHash('sha256').update(tag).digest('hex'), version: tag };
}

type EncodeSecret = (secret: { [key: string]: Property }) => Property;
type Encode = (properties: Properties) => Properties;

/** @returns a resource as the checkpoint holds it; `encode` says what becomes of its properties. */
function serializeResource(state: ResourceState, encode: Encode): ResourceState {
  const result: Record<string, unknown> = {};
  for (const field of FIELD_ORDER) {
    const properties = field === 'inputs' || field === 'outputs' ? state[field] : undefined;
    const value = properties === undefined ? state[field] : encode(properties);
    const empty =
      // The alias that it was found by no longer matters once it has its new name.
      field === 'aliases' ||
      value === undefined ||
      value === '' ||
      (value === false && field !== 'custom') ||
      (typeof value === 'object' && Object.keys(value).length === 0);
    if (!empty) {
      result[field] = value;
    }
  }
  return result as unknown as ResourceState;
}

function encodeProperties(properties: Properties, encode: EncodeSecret): Properties {
  return sortKeys(mapProperty(properties, (value) => (isSecret(value) ? encode(value) : value))) as Properties;
}

/** Secrets keep their ciphertext from one checkpoint to the next, as long as the value is the very same object. */
const ciphertexts = new WeakMap<object, { crypter: Crypter; ciphertext: string }>();

function encryptSecret(value: { [key: string]: Property }, crypter: Crypter): Property {
  const known = ciphertexts.get(value);
  if (known !== undefined && known.crypter.salt === crypter.salt) {
    return { [SIGNATURE]: SECRET, ciphertext: known.ciphertext };
  }
  const ciphertext = crypter.encrypt(JSON.stringify(value['value'] ?? null));
  ciphertexts.set(value, { crypter, ciphertext });
  return { [SIGNATURE]: SECRET, ciphertext };
}

function encodeDeployment(deployment: StackState, encode: Encode): StackState {
  const { resources = [], pending_operations: pending = [] } = deployment;
  return {
    manifest: deployment.manifest,
    ...(deployment.secrets_providers && { secrets_providers: deployment.secrets_providers }),
    ...(resources.length > 0 && { resources: resources.map((state) => serializeResource(state, encode)) }),
    ...(pending.length > 0 && {
      pending_operations: pending.map(({ resource, type }) => ({
        resource: serializeResource(resource, encode),
        type,
      })),
    }),
    metadata: deployment.metadata ?? {},
  };
}

/** A checkpoint is written after every step, and most resources are as they were. Properties are never changed in place. */
const encrypted = new WeakMap<Properties, { salt: string; properties: Properties }>();

/** For disk: every secret as ciphertext. */
export function encryptDeployment(deployment: StackState, crypter: Crypter): StackState {
  return encodeDeployment(deployment, (properties) => {
    const known = encrypted.get(properties);
    if (known?.salt === crypter.salt) return known.properties;
    const result = encodeProperties(properties, (value) => encryptSecret(value, crypter));
    encrypted.set(properties, { salt: crypter.salt, properties: result });
    return result;
  });
}

/** For `stack export --show-secrets`. */
export function revealDeployment(deployment: StackState): StackState {
  return encodeDeployment(deployment, (properties) =>
    encodeProperties(properties, (value) => ({
      [SIGNATURE]: SECRET,
      plaintext: JSON.stringify(value['value'] ?? null),
    })),
  );
}

/**
 * Reads a deployment from disk or from `stack import`, where secrets may stand as ciphertext or as plaintext.
 * @param crypter absent where the stack has no secrets provider
 * @throws CliError if a secret cannot be decrypted
 */
export function decodeDeployment(deployment: StackState, crypter: Crypter | undefined): StackState {
  const decode = (value: Property): Property => decodeSecret(value, crypter);
  const resource = (state: ResourceState): ResourceState => ({
    ...state,
    ...(state.inputs && { inputs: mapProperty(state.inputs, decode) as Properties }),
    ...(state.outputs && { outputs: mapProperty(state.outputs, decode) as Properties }),
  });
  return {
    ...deployment,
    ...(deployment.resources && { resources: deployment.resources.map(resource) }),
    ...(deployment.pending_operations && {
      pending_operations: deployment.pending_operations.map((pending) => ({
        ...pending,
        resource: resource(pending.resource),
      })),
    }),
  };
}

function decodeSecret(value: Property, crypter: Crypter | undefined): Property {
  if (!isObject(value) || signatureOf(value) !== SECRET) {
    return value;
  }
  const { ciphertext, plaintext } = value;
  if (typeof plaintext === 'string') {
    return { [SIGNATURE]: SECRET, value: parseProperty(plaintext) };
  }
  if (typeof ciphertext !== 'string') {
    return value;
  }
  if (crypter === undefined) {
    throw new CliError('the state holds secrets, but names no secrets provider to decrypt them with');
  }
  try {
    const secret = { [SIGNATURE]: SECRET, value: parseProperty(crypter.decrypt(ciphertext)) };
    ciphertexts.set(secret, { crypter, ciphertext });
    return secret;
  } catch (error) {
    throw new CliError(`decrypting secret value: ${String(error)}`, { cause: error });
  }
}

function parseProperty(text: string): Property {
  return JSON.parse(text) as Property;
}
