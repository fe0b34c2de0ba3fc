/**
 * What a job reads beyond what its request names: the objects that a manifest lists. A manifest that was never put is taken for
 * granted, like other input data.
 * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
 */
import type { Properties, Property } from '../../provider.ts';
import type { Scope } from '../partitions.ts';
import type { Access } from '../permissions.ts';
import { isAbsent, isObject, text } from '../properties.ts';
import { readObject } from './objects.ts';

interface Listed {
  access: Access[];
  /** Why the job cannot read what is listed. */
  failure?: string | undefined;
}

/** @param directory of the sandbox account */
export async function listedByManifests(request: Properties, directory: string, scope: Scope): Promise<Listed> {
  const listed = await Promise.all(sourcesIn(request).map((source) => listedBy(source, directory)));
  const failure = listed.map((one) => one.failure).find((one) => one !== undefined);
  const access = listed
    .flatMap(({ uris = [] }) => uris)
    .map((uri): Access => ({
      action: 's3:GetObject',
      resource: `arn:${scope.partition}:s3:::${uri.slice('s3://'.length)}`,
    }));
  return { access, failure };
}

function sourcesIn(value: Property | undefined): Properties[] {
  if (Array.isArray(value)) return value.flatMap(sourcesIn);
  if (!isObject(value)) return [];
  return [...(isAbsent(value['S3DataType']) ? [] : [value]), ...Object.values(value).flatMap(sourcesIn)];
}

async function listedBy(source: Properties, directory: string): Promise<{ uris?: string[]; failure?: string }> {
  const [uri, type] = [text(source, 'S3Uri'), text(source, 'S3DataType')];
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/(.*)$/s.exec(uri) ?? [];
  const read = READERS[type];
  const content = read && (await readObject(directory, bucket, key))?.toString('utf8');
  if (!read || content === undefined) return {};
  try {
    return { uris: read(content, source) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { failure: `ClientError: Data download failed: the manifest ${uri} is not valid: ${error.message}` };
  }
}

/** @throws SyntaxError with what is wrong with the content */
type Reader = (content: string, source: Properties) => string[];

const READERS: Readonly<Record<string, Reader | undefined>> = { ManifestFile: files, AugmentedManifestFile: records };

/** `[{"prefix": "s3://bucket/some/prefix/"}, "relative/path", …]` */
function files(content: string): string[] {
  const parsed = JSON.parse(content) as Property;
  const [first, ...paths] = Array.isArray(parsed) ? parsed : [];
  const prefix = isObject(first) ? text(first, 'prefix') : '';
  if (!prefix.startsWith('s3://')) throw new SyntaxError('it does not begin with the prefix of its objects');
  return paths.map((path) => {
    if (typeof path !== 'string') throw new SyntaxError('it lists something other than paths below its prefix');
    return `${prefix}${path}`;
  });
}

/** One JSON object a line, with every attribute that the channel names; those that end with `-ref` are objects in S3. */
function records(content: string, source: Properties): string[] {
  const names = Array.isArray(source['AttributeNames']) ? source['AttributeNames'].map(String) : [];
  const lines = content.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line, index) => {
    const record = JSON.parse(line) as Property;
    const missing = names.find((name) => !isObject(record) || isAbsent(record[name]));
    if (!isObject(record) || missing !== undefined) {
      throw new SyntaxError(`line ${index + 1} has no attribute ${missing ?? 'at all'}`);
    }
    return names.filter((name) => name.endsWith('-ref')).map((name) => text(record, name));
  });
}
