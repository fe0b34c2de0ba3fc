/**
 * What stands in for values that a preview does not know yet, such as the name of a bucket of the same program. The blueprint
 * works with the stand-in, so that the preview shows every resource; in their properties it becomes unknown again (traces.ts).
 */

/** Hexadecimal, so that it can be part of the id of a key; short, so that names made from it are not cut. */
const MARK = '04da6b54';
const NUMBER_LENGTH = 4;

export const STAND_IN = new RegExp(`${MARK}[0-9a-f]{${NUMBER_LENGTH}}`);

/**
 * Values of every form that inputs have: the first one that is valid is used.
 * @param index of the unknown value: no two are equal
 */
export function standIns(index: number): readonly string[] {
  const mark = `${MARK}${index.toString(16).padStart(NUMBER_LENGTH, '0')}`;
  const account = '000000000000';
  return [
    mark,
    `${mark}/${mark}`,
    `${mark}.tar.gz`,
    `${mark}.zip`,
    `arn:aws:kms:us-east-1:${account}:key/00000000-0000-0000-0000-${mark}`,
    `arn:aws:sns:us-east-1:${account}:${mark}`,
    `arn:aws:iam::${account}:policy/${mark}`,
    `${account}.dkr.ecr.us-east-1.amazonaws.com/${mark}:1`,
    `arn:aws:sagemaker:us-east-1:${account}:model-package/${mark}/1`,
  ];
}
