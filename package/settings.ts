/** Inputs that are no part of a request: what the service knows of an environment, and a program has to say. */
import Joi from 'joi';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html */
const TOPIC = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/;
/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */
const POLICY = /^arn:aws[a-z-]*:iam::(\d{12}|aws):policy\/.+$/;

/** As the schema below leaves them. */
export interface Settings {
  assetsBucket: string;
  permissionsBoundaryArn?: string;
  notificationsTopicArn?: string;
  allowDetailedErrorMessage: boolean;
  run: number;
  tags: Record<string, string>;
}

const SETTINGS = {
  assetsBucket: Joi.string()
    .pattern(BUCKET, 'the name of an Amazon S3 bucket')
    .required()
    .description('Name of the S3 bucket in which keys of inputs, such as data and model archives, are looked up.'),
  permissionsBoundaryArn: Joi.string()
    .pattern(POLICY, 'the ARN of an IAM policy, arn:aws:iam::<account>:policy/<name>')
    .description('ARN of an IAM policy that bounds the permissions of all created roles; default: none.'),
  notificationsTopicArn: Joi.string()
    .pattern(TOPIC, 'the ARN of an Amazon SNS topic, arn:aws:sns:<region>:<account>:<name>')
    .description('ARN of an SNS topic for state changes of jobs and builds; default: no notifications.'),
  allowDetailedErrorMessage: Joi.boolean()
    .strict()
    .default(false)
    .description('Whether callers of the inference URL receive the reason of an error; default false.'),
  run: Joi.number()
    .integer()
    .min(1)
    .default(1)
    .description(
      'Number of the run; default 1. Increase it to run the job again although no other input changes, or with inputs that it ' +
        'has run with before.',
    ),
  tags: Joi.object()
    .pattern(Joi.string(), Joi.string())
    .default({})
    .description(
      'Tags of the SageMaker jobs that a Lambda function starts, which default tags of the AWS provider do not reach; default: none.',
    ),
} as const satisfies Record<keyof Settings, Joi.Schema>;

export type SettingName = keyof typeof SETTINGS;

export function settingsSchema(names: readonly SettingName[]): Joi.ObjectSchema<Settings> {
  return Joi.object(Object.fromEntries(names.map((name) => [name, SETTINGS[name]])));
}
