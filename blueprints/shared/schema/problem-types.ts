/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelQualityAppSpecification.html */
export const PROBLEM_TYPES = ['Regression', 'BinaryClassification', 'MulticlassClassification'] as const;
