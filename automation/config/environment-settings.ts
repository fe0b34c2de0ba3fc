/** Settings of accounts, approvals and caller roles: joi keys and what becomes of them. Read by config.ts only. */
import Joi from 'joi';
import { STAGES } from '../../blueprints/blueprint.ts';
import type { Stage } from '../../blueprints/blueprint.ts';
import { boundaryName, deploymentRoleName } from '../../blueprints/shared/aws/deployment-names.ts';
import { REGION_PATTERN, partitionOf } from '../../blueprints/shared/aws/partitions.ts';
import type { ApprovalPolicy, Environment } from './environments.ts';

type Values = Readonly<Record<string, string | number | undefined>>;

export const region = Joi.string().pattern(REGION_PATTERN, 'a region such as us-east-1');
export const accountId = Joi.string().pattern(/^\d{12}$/, '12 digits');
const roleArn = Joi.string().pattern(/^arn:[a-z-]+:iam::\d{12}:role\/.+$/, 'a role ARN');
const policyArn = Joi.string().pattern(/^arn:[a-z-]+:iam::\d{12}:policy\/.+$/, 'a policy ARN');
/** @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html; the guide's own example is a root or organization id. */
const organizationalUnit = Joi.string().pattern(
  /^(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32}|o-[a-z0-9]{8,32})$/,
  'an organizational unit id such as ou-ab12-11111111',
);

const yesOrNo = Joi.string().valid('Yes', 'No');

const inMultiAccount = (schema: Joi.Schema, what: string) =>
  schema.when('MULTI_ACCOUNT', {
    is: 'Yes',
    then: Joi.required().messages({
      'any.required': `{{#label}} is required with MULTI_ACCOUNT=Yes: ${what}`,
    }),
  });

/** `DEV_ACCOUNT_ID` and its like, for each environment. */
export const environmentKeys: Joi.SchemaMap = {
  DELEGATED_ADMIN_ACCOUNT: Joi.string().valid('Yes', 'No').default('Yes'),
  ACCOUNT_ID: accountId,
  DEPLOYMENT_ROLE_ARN: roleArn,
  PERMISSIONS_BOUNDARY_ARN: policyArn,
  /** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html: 2–1224 characters */
  DEPLOYMENT_EXTERNAL_ID: Joi.string()
    .pattern(/^[\w+=,.@:/-]{2,1224}$/, 'an external id')
    .default('mlops'),
  ...Object.fromEntries(
    STAGES.flatMap((stage) => [
      [key(stage, 'ACCOUNT_ID'), inMultiAccount(accountId, `the account of environment ${stage}`)],
      [key(stage, 'ORG_ID'), organizationalUnit],
      [key(stage, 'REGION'), region],
      [key(stage, 'DEPLOYMENT_ROLE_ARN'), roleArn],
      [key(stage, 'PERMISSIONS_BOUNDARY_ARN'), policyArn],
      [key(stage, 'MINIMUM_APPROVERS'), Joi.number().integer().min(1).max(20).default(1)],
      [key(stage, 'APPROVE_DESTROY'), yesOrNo.default(stage === 'dev' ? 'No' : 'Yes')],
    ]),
  ),
  MAIN_MINIMUM_APPROVERS: Joi.number().integer().min(1).max(20).default(1),
  MAIN_APPROVE_DESTROY: yesOrNo.default('No'),
  /** Where there are several environments, a second person is expected to look. */
  REQUESTER_MAY_APPROVE: yesOrNo.when('MULTI_ACCOUNT', {
    is: 'Yes',
    then: Joi.string().default('No'),
    otherwise: Joi.string().default('Yes'),
  }),
  /** CodePipeline's own limit is 7 days; 90 days is the upper limit here. */
  APPROVAL_EXPIRY_SECONDS: Joi.number().integer().min(1).max(7_776_000).default(604_800),
};

/** @returns where stacks are deployed to: `main`, and with several accounts one environment a stage. */
export function environmentsOf(values: Values): Partial<Record<Environment['name'], Environment>> {
  const text = (name: string) => String(values[name] ?? '');
  const prefix = text('PIPELINE_STACK_NAME');
  const common = { assetsBucket: text('ASSETS_BUCKET'), externalId: text('DEPLOYMENT_EXTERNAL_ID') };
  const main: Environment = {
    ...common,
    name: 'main',
    accountId: text('ACCOUNT_ID'),
    region: text('AWS_REGION'),
    deploymentRoleArn: text('DEPLOYMENT_ROLE_ARN'),
    permissionsBoundaryArn: text('PERMISSIONS_BOUNDARY_ARN'),
    organizationalUnitId: '',
  };
  if (values.MULTI_ACCOUNT !== 'Yes') return { main };
  const stages = STAGES.map((stage): Environment => {
    const ofStage = (name: string) => text(key(stage, name));
    const region = ofStage('REGION') || main.region;
    const arn = (resource: string) => `arn:${partitionOf(region).name}:iam::${ofStage('ACCOUNT_ID')}:${resource}`;
    // A role of one's own may have no boundary; that of infra/environment creates no role without its own.
    const ownRole = ofStage('DEPLOYMENT_ROLE_ARN');
    return {
      ...common,
      name: stage,
      accountId: ofStage('ACCOUNT_ID'),
      region,
      deploymentRoleArn: ownRole || arn(`role/${deploymentRoleName(prefix, stage)}`),
      permissionsBoundaryArn:
        ofStage('PERMISSIONS_BOUNDARY_ARN') || (ownRole ? '' : arn(`policy/${boundaryName(prefix, stage)}`)),
      organizationalUnitId: ofStage('ORG_ID'),
    };
  });
  return { main, ...Object.fromEntries(stages.map((stage) => [stage.name, stage])) };
}

/** @returns what is wrong between the settings of the environments, one line each. */
export function environmentFaults(values: Values): string[] {
  if (values.MULTI_ACCOUNT !== 'Yes') return [];
  return STAGES.flatMap((stage) => {
    const [role, account] = [values[key(stage, 'DEPLOYMENT_ROLE_ARN')], values[key(stage, 'ACCOUNT_ID')]];
    return role && account && String(role).split(':')[4] !== String(account)
      ? [`${key(stage, 'DEPLOYMENT_ROLE_ARN')} is a role of another account than ${key(stage, 'ACCOUNT_ID')}`]
      : [];
  });
}

/** @returns who has to agree before a change reaches an environment. */
export function approvalPoliciesOf(values: Values): Record<Environment['name'], ApprovalPolicy> {
  const policy = (name: string): ApprovalPolicy => ({
    minimumApprovers: Number(values[`${name}_MINIMUM_APPROVERS`]),
    requesterMayApprove: values.REQUESTER_MAY_APPROVE === 'Yes',
    approveDestroy: values[`${name}_APPROVE_DESTROY`] === 'Yes',
  });
  return { main: policy('MAIN'), dev: policy('DEV'), staging: policy('STAGING'), prod: policy('PROD') };
}

function key(stage: Stage, name: string): string {
  return `${stage.toUpperCase()}_${name}`;
}
