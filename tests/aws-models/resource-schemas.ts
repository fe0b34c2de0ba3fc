/** CloudFormation's resource schemas, as cfn-lint ships them: data for tests, never part of the product. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installPythonPackage } from '../support/python-package.ts';

const PACKAGE = 'cfn-lint==1.58.0';

export interface ResourceSchema {
  typeName?: string;
  createOnlyProperties?: string[];
  /** What CloudFormation, and Cloud Control, do with the caller's permissions. */
  handlers?: Record<string, { permissions?: string[] }>;
}

/** Types of the provider that pipelines are made of → the type in CloudFormation. */
export const TYPES: Readonly<Record<string, string>> = {
  'aws:sagemaker/model:Model': 'AWS::SageMaker::Model',
  'aws:sagemaker/endpointConfiguration:EndpointConfiguration': 'AWS::SageMaker::EndpointConfig',
  'aws:sagemaker/endpoint:Endpoint': 'AWS::SageMaker::Endpoint',
  'aws:sagemaker/monitoringSchedule:MonitoringSchedule': 'AWS::SageMaker::MonitoringSchedule',
  'aws:sagemaker/modelPackageGroup:ModelPackageGroup': 'AWS::SageMaker::ModelPackageGroup',
  'aws:appautoscaling/target:Target': 'AWS::ApplicationAutoScaling::ScalableTarget',
  'aws:appautoscaling/policy:Policy': 'AWS::ApplicationAutoScaling::ScalingPolicy',
  'aws:lambda/function:Function': 'AWS::Lambda::Function',
  'aws:iam/role:Role': 'AWS::IAM::Role',
  'aws:iam/policy:Policy': 'AWS::IAM::ManagedPolicy',
  'aws:cloudwatch/logGroup:LogGroup': 'AWS::Logs::LogGroup',
  'aws:cloudwatch/eventRule:EventRule': 'AWS::Events::Rule',
  'aws:cloudwatch/metricAlarm:MetricAlarm': 'AWS::CloudWatch::Alarm',
  'aws:ecr/repository:Repository': 'AWS::ECR::Repository',
  'aws:codepipeline/pipeline:Pipeline': 'AWS::CodePipeline::Pipeline',
  'aws:codebuild/project:Project': 'AWS::CodeBuild::Project',
  'aws:apigatewayv2/api:Api': 'AWS::ApiGatewayV2::Api',
  'aws:apigatewayv2/integration:Integration': 'AWS::ApiGatewayV2::Integration',
  'aws:apigatewayv2/route:Route': 'AWS::ApiGatewayV2::Route',
  'aws:apigatewayv2/stage:Stage': 'AWS::ApiGatewayV2::Stage',
  'aws:sns/topic:Topic': 'AWS::SNS::Topic',
  'aws:sqs/queue:Queue': 'AWS::SQS::Queue',
};

/** @returns CloudFormation's type → its schema @throws NoPythonPackage */
export async function loadResourceSchemas(): Promise<Map<string, ResourceSchema>> {
  const libraries = join(await installPythonPackage(PACKAGE), '..', 'lib');
  const [python = ''] = await readdir(libraries);
  const folder = join(libraries, python, 'site-packages', 'cfnlint', 'data', 'schemas', 'resources');
  const found = new Map<string, ResourceSchema>();
  for (const file of await readdir(folder)) {
    const schema = JSON.parse(await readFile(join(folder, file), 'utf8')) as ResourceSchema;
    if (schema.typeName) found.set(schema.typeName, schema);
  }
  return found;
}
