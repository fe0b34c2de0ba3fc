/** Identifiers of AWS that more than one launch parameter takes. */
import Joi from 'joi';

export const certificateArn = Joi.string().pattern(
  /^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/.+$/,
  'an ACM certificate ARN',
);

export const subnetId = Joi.string().pattern(/^subnet-[0-9a-f]{8,17}$/, 'a subnet id');
