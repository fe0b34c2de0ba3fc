/** The format of a batch inference file, derived from its name. Pure. */
import type { SplitType, TransformInput, TransformOutput } from '@aws-sdk/client-sagemaker';
import type { InferenceFormat } from '../shared/aws/algorithms.ts';
import { algorithmOf } from '../shared/aws/algorithms.ts';
import type { Rule } from '../shared/schema/rules.ts';
import type { BatchRequest } from './request.ts';

export interface BatchFormat {
  contentType: string;
  /** What of an algorithm's formats it is. */
  kind: InferenceFormat;
  /** How the file is cut into records; `None`: the file is one payload. */
  split: SplitType;
  /** Content type of the results. */
  accept: string;
  /** How results are put together again. */
  assemble: 'Line' | 'None';
  compression: 'None' | 'Gzip';
}

type Format = Omit<BatchFormat, 'compression'>;

const CSV: Format = { contentType: 'text/csv', kind: 'text/csv', split: 'Line', accept: 'text/csv', assemble: 'Line' };
const JSON_LINES: Format = {
  contentType: 'application/jsonlines',
  kind: 'application/jsonlines',
  split: 'Line',
  accept: 'application/jsonlines',
  assemble: 'Line',
};
const JSON_FILE: Format = {
  contentType: 'application/json',
  kind: 'application/json',
  split: 'None',
  accept: 'application/json',
  assemble: 'None',
};
const LIBSVM: Format = { ...CSV, contentType: 'text/libsvm', kind: 'text/libsvm' };
const RECORD_IO: Format = {
  contentType: 'application/x-recordio-protobuf',
  kind: 'application/x-recordio-protobuf',
  split: 'RecordIO',
  accept: 'application/x-recordio-protobuf',
  assemble: 'None',
};
const IMAGE: Format = {
  contentType: 'application/x-image',
  kind: 'image',
  split: 'None',
  accept: 'application/json',
  assemble: 'None',
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TransformInput.html (ContentType, SplitType) */
const BY_SUFFIX: Readonly<Record<string, Format>> = {
  json: JSON_FILE,
  jsonl: JSON_LINES,
  jsonlines: JSON_LINES,
  ndjson: JSON_LINES,
  libsvm: LIBSVM,
  svm: LIBSVM,
  pbr: RECORD_IO,
  rec: RECORD_IO,
  recordio: RECORD_IO,
  jpg: IMAGE,
  jpeg: IMAGE,
  png: IMAGE,
};

/** @param location `bucket/key`; a name that says nothing is CSV, as with the original */
export function batchFormat(location: string): BatchFormat {
  const gzip = /\.gz$/i.test(location);
  const [, suffix = ''] = /\.([a-z]+)$/i.exec(location.replace(/\.gz$/i, '')) ?? [];
  return { ...(BY_SUFFIX[suffix.toLowerCase()] ?? CSV), compression: gzip ? 'Gzip' : 'None' };
}

export function inputFormat(location: string): Pick<TransformInput, 'ContentType' | 'SplitType' | 'CompressionType'> {
  const { contentType, split, compression } = batchFormat(location);
  return { ContentType: contentType, SplitType: split, CompressionType: compression };
}

export function outputFormat(location: string): Pick<TransformOutput, 'Accept' | 'AssembleWith'> {
  const { accept, assemble } = batchFormat(location);
  return { Accept: accept, AssembleWith: assemble };
}

const SUFFIXES: Readonly<Record<InferenceFormat, string>> = {
  'text/csv': '.csv',
  'text/libsvm': '.libsvm',
  'application/json': '.json',
  'application/jsonlines': '.jsonl',
  'application/x-recordio-protobuf': '.recordio',
  image: '.jpg or .png',
};

/** @see https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html */
export const formatOfAlgorithm: Rule<BatchRequest> = ({ model_framework: framework, batch_inference_data: data }) => {
  const algorithm = algorithmOf(framework);
  const { contentType, kind } = batchFormat(data);
  if (!algorithm || algorithm.reads.includes(kind)) return undefined;
  return {
    key: 'batch_inference_data',
    reason:
      `has a name that means ${contentType}, but model_framework ${framework} accepts ${algorithm.reads.join(', ')} for ` +
      `inference: use a file whose name ends in ${algorithm.reads.map((one) => SUFFIXES[one]).join(', ')}`,
  };
};
