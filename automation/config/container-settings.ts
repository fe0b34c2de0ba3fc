/** Settings of what containers of models and jobs may touch besides what the requests name. */
import Joi from 'joi';
import type { ContainerAccess } from '../../blueprints/blueprint.ts';
import { commaList } from './comma-list.ts';

/** Policies of roles have room for a few of them. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LIMIT = 10;
const LOCATION = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?$/;
/** AWS keeps namespaces that begin with `AWS/` to itself. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const NAMESPACE = /^(?!AWS\/|:)[\w.\-/#: ]{1,255}$/;

function list(pattern: RegExp, what: string): Joi.StringSchema {
  return Joi.string()
    .allow('')
    .custom((text: string, helpers) => {
      const entries = commaList(text);
      const fits = entries.length <= LIMIT && entries.every((entry) => pattern.test(entry));
      return fits ? text : helpers.error('string.pattern.name', { name: what });
    })
    .messages({ 'string.pattern.name': `{{#label}} must be a list of at most ${LIMIT} {{#name}}, divided by commas` });
}

export const containerKeys = {
  CONTAINER_READ_LOCATIONS: list(LOCATION, 'locations in Amazon S3, as bucket/prefix without s3://'),
  CONTAINER_METRIC_NAMESPACES: list(NAMESPACE, 'CloudWatch namespaces, none of which begins with AWS/'),
};

export function containerAccessOf(values: {
  CONTAINER_READ_LOCATIONS?: string;
  CONTAINER_METRIC_NAMESPACES?: string;
}): ContainerAccess {
  return {
    readLocations: commaList(values.CONTAINER_READ_LOCATIONS),
    metricNamespaces: commaList(values.CONTAINER_METRIC_NAMESPACES),
  };
}
