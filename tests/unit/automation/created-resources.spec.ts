import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as aws from '@pulumi/aws';
import { idFromInputs, recoverability } from '../../../automation/aws/created-resources.ts';
import type { Environment } from '../../../automation/config/environments.ts';
import { sourceFiles } from '../../support/source-files.ts';

const ENVIRONMENT: Environment = {
  name: 'dev',
  accountId: '',
  region: 'eu-west-1',
  deploymentRoleArn: '',
  externalId: 'mlops',
  permissionsBoundaryArn: '',
  organizationalUnitId: '',
  assetsBucket: 'assets',
};

/** Type tokens of all resources that blueprints make, by the source. */
function typesOfBlueprints(): string[] {
  const classes = sourceFiles('blueprints').flatMap((file) => {
    const source = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
    return [...source.matchAll(/\bnew aws\.(\w+)\.(\w+)\(/g)].map(
      ([, module = '', name = '']) => [module, name] as const,
    );
  });
  const modules = aws as unknown as Record<string, Record<string, { __pulumiType?: string }>>;
  const types = classes.map(([module, name]) => {
    const type = modules[module]?.[name]?.__pulumiType;
    assert.ok(type, `aws.${module}.${name} has no type token`);
    return type;
  });
  return [...new Set(types)].sort();
}

describe('what a killed operation may have created', () => {
  const types = typesOfBlueprints();

  it('is known for the types of all blueprints', () => {
    assert.ok(types.length > 20, types.join(', '));
    assert.ok(types.includes('aws:codebuild/project:Project') && types.includes('aws:cloudcontrol/resource:Resource'));
  });

  for (const type of types) {
    it(`is found again, or harmless: ${type}`, () => {
      assert.ok(recoverability(type), `${type} would be created twice: add it to automation/aws/created-resources.ts`);
    });
  }

  it('is distinguished from what may be left as an orphan', () => {
    assert.equal(recoverability('aws:ec2/instance:Instance'), undefined);
  });

  it('is, of a job definition, found by its ARN', () => {
    const inputs = {
      typeName: 'AWS::SageMaker::ModelBiasJobDefinition',
      desiredState: JSON.stringify({
        JobDefinitionName: 'Churn-Bias-1234567',
        RoleArn: 'arn:aws-us-gov:iam::222222222222:role/mlops-pipeline-churn',
      }),
    };
    const type = 'aws:cloudcontrol/resource:Resource';
    assert.equal(
      idFromInputs(type, inputs, ENVIRONMENT),
      'arn:aws-us-gov:sagemaker:eu-west-1:222222222222:model-bias-job-definition/churn-bias-1234567',
    );
    assert.equal(idFromInputs(type, { ...inputs, desiredState: '[secret]' }, ENVIRONMENT), undefined);
    assert.equal(idFromInputs(type, { ...inputs, typeName: 'AWS::S3::Bucket' }, ENVIRONMENT), undefined);
  });
});
