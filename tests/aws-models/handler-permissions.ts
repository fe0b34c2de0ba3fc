/**
 * The permissions that AWS says it takes to create, read, update and delete a resource, from CloudFormation's resource schemas.
 * As a program (`npm run handler-permissions`) it writes `handler-permissions.json`: run it for another version of cfn-lint, or
 * when a blueprint makes resources of another type.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TYPES, loadResourceSchemas } from './resource-schemas.ts';

const FILE = fileURLToPath(new URL('./handler-permissions.json', import.meta.url));

/** Of which the deployment role makes resources, besides those of {@link TYPES}. */
const FURTHER_TYPES: Readonly<Record<string, string>> = {
  'aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition': 'AWS::SageMaker::DataQualityJobDefinition',
  'aws:cloudcontrol/resource:Resource AWS::SageMaker::ModelQualityJobDefinition':
    'AWS::SageMaker::ModelQualityJobDefinition',
  'aws:cloudcontrol/resource:Resource AWS::SageMaker::ModelBiasJobDefinition': 'AWS::SageMaker::ModelBiasJobDefinition',
  'aws:cloudcontrol/resource:Resource AWS::SageMaker::ModelExplainabilityJobDefinition':
    'AWS::SageMaker::ModelExplainabilityJobDefinition',
  'aws:lambda/permission:Permission': 'AWS::Lambda::Permission',
  'aws:iam/rolePolicy:RolePolicy': 'AWS::IAM::RolePolicy',
  'aws:s3/bucket:Bucket': 'AWS::S3::Bucket',
  'aws:s3/bucketPolicy:BucketPolicy': 'AWS::S3::BucketPolicy',
};

/** Made by the administrator's `pulumi up`, never with a deployment role. */
const OF_ADMINISTRATORS = /modelPackageGroup|iam\/policy|ecr\/|sns\/|sqs\//;

/** Neither the provider nor Pulumi lists: a resource is read by its id. */
const HANDLERS = ['create', 'read', 'update', 'delete'];

/** @throws NoPythonPackage */
async function handlerPermissions(): Promise<Record<string, Record<string, string>>> {
  const schemas = await loadResourceSchemas();
  const of = (type: string) =>
    HANDLERS.flatMap((handler): [string, string][] => {
      const { permissions } = schemas.get(type)?.handlers?.[handler] ?? {};
      return permissions ? [[handler, [...new Set(permissions)].sort().join(' ')]] : [];
    });
  const all = Object.entries({ ...TYPES, ...FURTHER_TYPES }).filter(([token]) => !OF_ADMINISTRATORS.test(token));
  return Object.fromEntries(all.map(([token, type]) => [token, Object.fromEntries(of(type))]));
}

await writeFile(FILE, `${JSON.stringify(await handlerPermissions(), undefined, 2)}\n`);
