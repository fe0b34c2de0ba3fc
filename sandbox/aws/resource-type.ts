/** The definition of one AWS resource type in the sandbox: mostly data, with small functions where data is not enough. */
import type { CheckFailure, Properties } from '../provider.ts';
import type { Faults } from './faults.ts';
import type { Scope } from './partitions.ts';
import type { Store, StoredResource } from './store.ts';

/** An AWS service as its errors and its folder on disk name it. */
export interface AwsService {
  /** Folder name, such as `sagemaker`. */
  readonly folder: string;
  /** Name in the AWS SDK for Go's error texts, such as `SageMaker`. */
  readonly sdkId: string;
}

/** @see https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming */
export interface AutoName {
  readonly property: string;
  /** Pulumi's limit, which is often above AWS's own. */
  readonly maxLength: number;
  /** Inputs that make AWS's provider choose the name; no auto-name then. */
  readonly conflictsWith?: readonly string[];
  readonly lowerCase?: boolean;
  /** Put before the name: `alias/`. */
  readonly prefix?: string;
  /** Boolean input that appends `.fifo`, after the length check. */
  readonly fifoWhen?: string;
  /** The logical name as it is, without a random part. */
  readonly plain?: boolean;
  /** Pulumi leaves the name to AWS's provider, which makes one of the prefix, or of `tf-`. */
  readonly byProvider?: boolean;
}

/** AWS's own rule for a name, applied by the service at creation, so after Check has passed. */
export interface NameRule {
  readonly property: string;
  readonly minLength?: number;
  readonly maxLength: number;
  readonly pattern: RegExp;
  /** Error code of the refusal; `ValidationException` unless said. */
  readonly code?: string;
}

/** A rule on one input, checked before anything is sent. `[]` in the path stands for every element of a list. */
export interface InputRule {
  readonly path: string;
  readonly oneOf?: readonly (string | number)[];
  readonly min?: number;
  readonly max?: number;
  readonly maxLength?: number;
  readonly pattern?: RegExp;
  readonly json?: boolean;
}

/** Something that must exist before this can be made. */
export interface Reference {
  readonly property: string;
  readonly type: string;
  /** From the property's value to the key that the other resource is stored under; the value itself unless said. */
  readonly key?: (value: string, inputs: Properties, scope: Scope) => string | undefined;
  readonly code: string;
  readonly status?: number;
  readonly message: (value: string) => string;
}

/** What a type's own function gets to look at. */
export interface CallContext {
  readonly scope: Scope;
  readonly inputs: Properties;
  readonly store: Store;
}

/** What a call knows of the sandbox around it. */
export interface World {
  readonly faults: Faults;
  /** Factor on all waiting. */
  readonly speed: number;
  readonly signal: AbortSignal;
}

/** How a resource gets its identity. */
export type Identity =
  | {
      readonly kind: 'derived';
      /** The form that `pulumi import` takes: unique in account and region, made of inputs alone. */
      readonly key: (inputs: Properties, scope: Scope) => string;
      /** The id in the state, where it differs from the key. */
      readonly id?: (inputs: Properties, scope: Scope) => string;
    }
  | {
      readonly kind: 'assigned';
      readonly newId: (scope: Scope, inputs: Properties) => string;
      /** Inputs by which one that was made, but not recorded, is recognised. */
      readonly searchBy: readonly string[];
    };

/** What the SDK's class of a type knows. @see scripts/sandbox-aws-types.ts, which writes it to `sdk-types.json` */
export interface SdkType {
  /** Inputs that must be given. */
  readonly required: readonly string[];
  /** Outputs that are no inputs, but `tagsAll`. */
  readonly outputs: readonly string[];
  readonly taggable: boolean;
}

/** A type as it is simulated: its own definition, completed with what the SDK knows. */
export interface ResourceType extends TypeDefinition {
  readonly required: readonly string[];
  readonly taggable: boolean;
  readonly computed: readonly string[];
}

/** What the sandbox itself has to know of a type, beside {@link SdkType}. */
export interface TypeDefinition {
  readonly token: string;
  readonly service: AwsService;
  /** As the real provider's messages call it: `SageMaker AI Endpoint`. */
  readonly title: string;
  readonly api: { readonly create: string; readonly update?: string; readonly delete: string; readonly read?: string };
  readonly global?: boolean;
  readonly autoName?: AutoName;
  readonly nameRule?: NameRule;
  readonly rules?: readonly InputRule[];
  /** Inputs (dotted paths) whose change replaces, or all but some. `region` always does. */
  readonly replaceOn: readonly string[] | { readonly allExcept: readonly string[] };
  readonly deleteBeforeReplace?: boolean;
  /** Inputs that hold a JSON document, compared by meaning. */
  readonly documents?: readonly string[];
  /** Outputs that AWS fills in where the input was not given. */
  readonly defaults?: Properties;
  /** Inputs that AWS fills in where they are not given: unknown in the preview of a creation, as all outputs are. */
  readonly computed?: readonly string[];
  /** Inputs that may be empty though the SDK wants them given. */
  readonly mayBeEmpty?: readonly string[];
  /** Outputs that AWS leaves out of a resource that does not use them. */
  readonly optionalOutputs?: readonly string[];
  readonly identity: Identity;
  /** The computed outputs of a new resource. */
  readonly outputs?: (
    inputs: Properties,
    id: string,
    scope: Scope,
    store: Store,
    world: World,
  ) => Properties | Promise<Properties>;
  /** Computed outputs that an update changes; its result replaces those of the same name. */
  readonly updated?: (
    news: Properties,
    before: StoredResource,
    scope: Scope,
    store: Store,
    world: World,
  ) => Properties | Promise<Properties>;
  /** Puts aside what comes with the inputs but is not in the store: code, which is there for its hash only. */
  readonly keep?: (inputs: Properties, store: Store) => Promise<void>;
  /** Names of the computed outputs that an update will change: unknown in its preview. */
  readonly volatile?: (news: Properties, oldInputs: Properties) => readonly string[];
  readonly references?: readonly Reference[];
  /** What AWS says to a second one of the same key; where absent, creating is a put that overwrites. */
  readonly duplicate?: { readonly code: string; readonly status?: number; readonly message: (name: string) => string };
  readonly check?: (inputs: Properties) => CheckFailure[];
  /** Whether a difference that is no plain input change replaces (Lambda invocations, Cloud Control). */
  readonly replaceWhen?: (key: string, news: Properties, oldInputs: Properties) => boolean;
  readonly refuseCreate?: (context: CallContext) => Promise<void>;
  readonly refuseUpdate?: (context: CallContext, before: StoredResource) => Promise<void>;
  readonly refuseDelete?: (context: CallContext, before: StoredResource) => Promise<void>;
  /** Resources that AWS removes together with this one. */
  readonly cascade?: (context: CallContext, before: StoredResource) => Promise<readonly StoredResource[]>;
  /** Seconds at speed 1. */
  readonly seconds?: { readonly create?: number; readonly update?: number; readonly delete?: number };
  /** True where the resource exists with a status (`Creating`, `Updating`) until its time has passed. */
  readonly transitional?: (news: Properties, oldInputs: Properties | undefined) => boolean;
  /** For how many milliseconds the name of a deleted one stays taken, and what AWS says to one who wants it. */
  readonly softDelete?: {
    readonly milliseconds: (inputs: Properties) => number;
    readonly code: string;
    readonly message: (name: string) => string;
  };
  /** Delete only forgets the resource: it stays in AWS. */
  readonly keepOnDelete?: (inputs: Properties) => boolean;
}

/** Seconds for anything that AWS does at once. */
export const AT_ONCE = 0.05;
