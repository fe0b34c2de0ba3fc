/** ECR, CodeBuild and CodePipeline. */
import type { Properties } from '../../provider.ts';
import { refuse } from '../aws-errors.ts';
import { arn } from '../partitions.ts';
import { isAbsent, object, objects, text } from '../properties.ts';
import { requirePolicyDocument, requireRole } from '../references.ts';
import type { CallContext, Reference, TypeDefinition } from '../resource-type.ts';

const ecr = { folder: 'ecr', sdkId: 'ECR' };
const codebuild = { folder: 'codebuild', sdkId: 'CodeBuild' };
const codepipeline = { folder: 'codepipeline', sdkId: 'CodePipeline' };

const REPOSITORY = 'aws:ecr/repository:Repository';

const repository: TypeDefinition = {
  token: REPOSITORY,
  service: ecr,
  title: 'ECR Repository',
  api: { create: 'CreateRepository', update: 'PutImageTagMutability', delete: 'DeleteRepository' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: {
    property: 'name',
    minLength: 2,
    maxLength: 256,
    pattern: /^(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/,
    code: 'InvalidParameterException',
  },
  rules: [
    {
      path: 'imageTagMutability',
      oneOf: ['MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION'],
    },
    { path: 'encryptionConfigurations[].encryptionType', oneOf: ['AES256', 'KMS', 'KMS_DSSE'] },
  ],
  replaceOn: ['name', 'encryptionConfigurations'],
  defaults: { imageTagMutability: 'MUTABLE', forceDelete: false },
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'name') },
  outputs: (_inputs, id, scope) => ({
    arn: arn(scope, 'ecr', `repository/${id}`),
    registryId: scope.accountId,
    repositoryUrl: `${scope.accountId}.dkr.ecr.${scope.region}.${scope.dnsSuffix}/${id}`,
  }),
  duplicate: {
    code: 'RepositoryAlreadyExistsException',
    message: (name) => `The repository with name '${name}' already exists in the registry`,
  },
};

const repositoryExists: Reference = {
  property: 'repository',
  type: REPOSITORY,
  code: 'RepositoryNotFoundException',
  message: (name) => `The repository with name '${name}' does not exist in the registry`,
};

const ofRepository = {
  service: ecr,
  documents: ['policy'],
  identity: { kind: 'derived', key: (inputs: Properties) => text(inputs, 'repository') },
  outputs: (_inputs, _id, scope) => ({ registryId: scope.accountId }),
  references: [repositoryExists],
} as const satisfies Partial<TypeDefinition>;

const repositoryPolicy: TypeDefinition = {
  ...ofRepository,
  token: 'aws:ecr/repositoryPolicy:RepositoryPolicy',
  title: 'ECR Repository Policy',
  api: { create: 'SetRepositoryPolicy', update: 'SetRepositoryPolicy', delete: 'DeleteRepositoryPolicy' },
  rules: [{ path: 'policy', json: true, maxLength: 10_240 }],
  replaceOn: ['repository'],
  refuseCreate: async ({ inputs }) => requirePolicyDocument(text(inputs, 'policy'), 'InvalidParameterException'),
};

const lifecyclePolicy: TypeDefinition = {
  ...ofRepository,
  token: 'aws:ecr/lifecyclePolicy:LifecyclePolicy',
  title: 'ECR Lifecycle Policy',
  api: { create: 'PutLifecyclePolicy', delete: 'DeleteLifecyclePolicy' },
  rules: [{ path: 'policy', json: true, maxLength: 30_720 }],
  replaceOn: ['repository', 'policy'],
  deleteBeforeReplace: true,
};

const COMPUTE_TYPES =
  /^(BUILD_GENERAL1_(SMALL|MEDIUM|LARGE|XLARGE|2XLARGE)|BUILD_LAMBDA_(1|2|4|8|10)GB|ATTRIBUTE_BASED_COMPUTE|CUSTOM_INSTANCE_TYPE)$/;

const project: TypeDefinition = {
  token: 'aws:codebuild/project:Project',
  service: codebuild,
  title: 'CodeBuild Project',
  api: { create: 'CreateProject', update: 'UpdateProject', delete: 'DeleteProject' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: {
    property: 'name',
    minLength: 2,
    maxLength: 150,
    pattern: /^[A-Za-z0-9][A-Za-z0-9\-_]+$/,
    code: 'InvalidInputException',
  },
  rules: [
    { path: 'artifacts.type', oneOf: ['NO_ARTIFACTS', 'S3', 'CODEPIPELINE'] },
    { path: 'environment.computeType', pattern: COMPUTE_TYPES },
    { path: 'serviceRole', pattern: /^arn:/ },
    { path: 'buildTimeout', min: 5, max: 2160 },
    { path: 'queuedTimeout', min: 5, max: 480 },
  ],
  check: (inputs) => {
    const fromPipeline = [object(inputs, 'artifacts'), object(inputs, 'source')].map(
      (each) => each['type'] === 'CODEPIPELINE',
    );
    return fromPipeline[0] === fromPipeline[1]
      ? []
      : [{ property: 'source', reason: 'both `artifacts.type` and `source.type` must be CODEPIPELINE, or neither' }];
  },
  replaceOn: ['name'],
  defaults: { badgeEnabled: false, buildTimeout: 60, queuedTimeout: 480, projectVisibility: 'PRIVATE' },
  identity: { kind: 'derived', key: (inputs, scope) => arn(scope, 'codebuild', `project/${text(inputs, 'name')}`) },
  outputs: (_inputs, id) => ({ arn: id, badgeUrl: '', publicProjectAlias: '' }),
  duplicate: {
    code: 'ResourceAlreadyExistsException',
    message: (name) => `Project already exists: ${name}`,
  },
  refuseCreate: requireBuildRole,
  refuseUpdate: requireBuildRole,
};

async function requireBuildRole(context: CallContext): Promise<void> {
  await requireRole(context, text(context.inputs, 'serviceRole'), 'codebuild.amazonaws.com', {
    code: 'InvalidInputException',
    message: 'CodeBuild is not authorized to perform: sts:AssumeRole on service role',
  });
}

const pipeline: TypeDefinition = {
  token: 'aws:codepipeline/pipeline:Pipeline',
  service: codepipeline,
  title: 'CodePipeline Pipeline',
  api: { create: 'CreatePipeline', update: 'UpdatePipeline', delete: 'DeletePipeline' },
  autoName: { property: 'name', maxLength: 255 },
  nameRule: { property: 'name', maxLength: 100, pattern: /^[A-Za-z0-9.@\-_]+$/ },
  rules: [
    { path: 'pipelineType', oneOf: ['V1', 'V2'] },
    { path: 'executionMode', oneOf: ['SUPERSEDED', 'QUEUED', 'PARALLEL'] },
    {
      path: 'stages[].actions[].category',
      oneOf: ['Source', 'Build', 'Deploy', 'Test', 'Invoke', 'Approval', 'Compute'],
    },
    { path: 'stages[].actions[].owner', oneOf: ['AWS', 'ThirdParty', 'Custom'] },
  ],
  replaceOn: ['name'],
  defaults: { executionMode: 'SUPERSEDED', pipelineType: 'V1' },
  identity: { kind: 'derived', key: (inputs) => text(inputs, 'name') },
  outputs: (_inputs, id, scope) => ({ arn: arn(scope, 'codepipeline', id), triggerAlls: [] }),
  duplicate: {
    code: 'PipelineNameInUseException',
    message: (name) => `A pipeline with the name '${name}' already exists in account.`,
  },
  refuseCreate: requireStructure,
  refuseUpdate: requireStructure,
};

async function requireStructure(context: CallContext): Promise<void> {
  const stages = objects(context.inputs, 'stages');
  const fail = (message: string): never => refuse('InvalidStructureException', message);
  if (stages.length < 2) fail('Pipeline should have at least 2 stages');
  const names = stages.map((stage) => text(stage, 'name'));
  if (new Set(names).size < names.length) fail('Pipeline has stages of the same name');
  stages.forEach((stage, index) => {
    const actions = objects(stage, 'actions');
    if (actions.length === 0) fail(`Stage ${names[index] ?? ''} has no actions`);
    const wrong = actions.find((action) => (action['category'] === 'Source') !== (index === 0));
    if (wrong)
      fail(`Action ${text(wrong, 'name')}: the first stage holds Source actions only, and no other stage does`);
  });
  const produced = new Set<unknown>();
  for (const action of stages.flatMap((stage) => objects(stage, 'actions'))) {
    for (const input of asTexts(action['inputArtifacts'])) {
      if (!produced.has(input))
        fail(`Action ${text(action, 'name')} takes the artifact ${input}, which nothing produces`);
    }
    asTexts(action['outputArtifacts']).forEach((output) => produced.add(output));
  }
  const queued = !isAbsent(context.inputs['executionMode']) && context.inputs['executionMode'] !== 'SUPERSEDED';
  if (queued && context.inputs['pipelineType'] !== 'V2') fail('This execution mode needs pipeline type V2');
  await requireRole(context, text(context.inputs, 'roleArn'), 'codepipeline.amazonaws.com', {
    code: 'InvalidStructureException',
    message: `CodePipeline is not authorized to perform AssumeRole on role ${text(context.inputs, 'roleArn')}`,
  });
}

function asTexts(value: Properties[string] | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

export const developerToolTypes: readonly TypeDefinition[] = [
  repository,
  repositoryPolicy,
  lifecyclePolicy,
  project,
  pipeline,
];
