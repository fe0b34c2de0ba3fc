/** Permissions of the deployment role: monitoring schedules and their jobs. Their names begin with the endpoint's. */
import type { Statement } from '../../../blueprints/shared/aws/policies.ts';
import type { Scope } from '../scope.ts';
import { arn, madeForPipeline, ofPipeline } from '../scope.ts';

/** Kind in ARNs → operation. Data quality has a resource of the provider, the others go through Cloud Control. */
const DEFINITIONS = {
  'data-quality-job-definition': 'DataQualityJobDefinition',
  'model-bias-job-definition': 'ModelBiasJobDefinition',
  'model-explainability-job-definition': 'ModelExplainabilityJobDefinition',
  'model-quality-job-definition': 'ModelQualityJobDefinition',
} as const;

export function manageMonitors(scope: Scope): Statement[] {
  const operations = [...Object.values(DEFINITIONS), 'MonitoringSchedule'];
  const resources = [...Object.keys(DEFINITIONS), 'monitoring-schedule'].map((kind) =>
    arn(scope, 'sagemaker', `${kind}/*`),
  );
  const actions = (verb: string) => operations.map((operation) => `sagemaker:${verb}${operation}`);
  return [
    {
      Sid: 'MakeMonitors',
      Effect: 'Allow',
      Action: actions('Create'),
      Resource: resources,
      Condition: madeForPipeline(scope),
    },
    {
      Sid: 'TagMonitors',
      Effect: 'Allow',
      Action: 'sagemaker:AddTags',
      Resource: resources,
      Condition: {
        StringEquals: { 'sagemaker:TaggingAction': operations.map((operation) => `Create${operation}`) },
      },
    },
    {
      Sid: 'LookAtMonitors',
      Effect: 'Allow',
      Action: [...actions('Describe'), 'sagemaker:ListTags'],
      Resource: resources,
    },
    {
      // By the preflight, to find out whether AWS offers monitors to the account. List actions do not support resources.
      Sid: 'FindMonitors',
      Effect: 'Allow',
      Action: 'sagemaker:ListMonitoringSchedules',
      Resource: '*',
    },
    {
      Sid: 'ManageMonitors',
      Effect: 'Allow',
      Action: [
        ...actions('Delete'),
        'sagemaker:AddTags',
        'sagemaker:DeleteTags',
        // A schedule is stopped before the endpoint that it monitors is deleted.
        'sagemaker:StopMonitoringSchedule',
        'sagemaker:UpdateMonitoringSchedule',
      ],
      Resource: resources,
      Condition: ofPipeline(scope),
    },
    {
      // Cloud Control does not support resources: it can do what the caller may do in SageMaker, above.
      // @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudcontrolapi.html
      Sid: 'AskCloudControl',
      Effect: 'Allow',
      Action: [
        'cloudformation:CancelResourceRequest',
        'cloudformation:CreateResource',
        'cloudformation:DeleteResource',
        // The provider checks definitions against the schema of their type.
        'cloudformation:DescribeType',
        'cloudformation:GetResource',
        'cloudformation:GetResourceRequestStatus',
        'cloudformation:UpdateResource',
      ],
      Resource: '*',
    },
  ];
}
