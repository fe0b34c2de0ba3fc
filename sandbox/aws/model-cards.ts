/** Model cards of a sandbox account, in place of SageMaker's. An export is the card's JSON instead of a PDF. */
import type { ModelFacts, TrainingJobFacts } from '../../blueprints/model-cards/content.ts';
import type { ModelCardCalls, ModelCardDescription, ModelCardExport } from '../../automation/aws/model-card-calls.ts';
import { namedByCode, refuse } from './aws-errors.ts';
import { JOB_KINDS } from './local-endpoint/job-kinds.ts';
import { trainedArtifact } from './local-endpoint/jobs.ts';
import { readObject, writeObject } from './local-endpoint/objects.ts';
import type { Scope } from './partitions.ts';
import { arn } from './partitions.ts';
import { object, objects, text } from './properties.ts';
import type { Store, StoredResource } from './store.ts';
import { placeOf } from './store.ts';

const CARD = { token: 'aws:sagemaker/modelCard:ModelCard' };
const EXPORT = { token: 'aws:sagemaker/modelCardExportJob:ModelCardExportJob' };
const MODEL = { token: 'aws:sagemaker/model:Model' };
const TRAINING = JOB_KINDS.filter(({ operation }) => operation === 'TrainingJob');

const NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;
/** @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelCard.html */
const CONTENT_LIMIT = 100_000;
/** How long an export takes at speed 1. */
const EXPORT_SECONDS = 1;

export function modelCardsOf(store: Store, scope: Scope, speed: number): ModelCardCalls {
  const calls = Object.entries(callsOf(store, scope, speed)).map(([name, call]) => [
    name,
    (...parameters: unknown[]) => namedByCode(() => (call as (...all: unknown[]) => Promise<unknown>)(...parameters)),
  ]);
  return Object.fromEntries(calls) as ModelCardCalls;
}

function callsOf(store: Store, scope: Scope, speed: number): ModelCardCalls {
  const find = (name: string) => store.read(placeOf(CARD, scope), name);
  const required = async (name: string): Promise<StoredResource> =>
    (await find(name)) ?? refuse('ResourceNotFound', `Model card ${name} does not exist.`);

  return {
    async create(name, status, content) {
      refuseInvalid(name, content);
      const now = new Date().toISOString();
      const cardArn = arn(scope, 'sagemaker', `model-card/${name}`);
      const card = stored(
        CARD,
        scope,
        name,
        cardArn,
        { status, versions: [content], times: [now], changedAt: now },
        now,
      );
      if (!(await store.create(card)))
        refuse('ConflictException', `A model card with the name ${name} already exists.`);
    },

    async describe(name, version) {
      const card = await find(name);
      return card && shown(card, version);
    },

    async update(name, change) {
      const card = await required(name);
      const { versions, times = [], status } = stateOf(card);
      if ('content' in change) refuseInvalid(name, change.content);
      const now = new Date().toISOString();
      await store.write({
        ...card,
        inputs: {
          status: 'status' in change ? change.status : status,
          // What was said stays as it was said: a change of the content is a version of its own.
          versions: 'content' in change ? [...versions, change.content] : versions,
          times: 'content' in change ? [...times, now] : times,
          changedAt: now,
        },
      });
    },

    async delete(name) {
      await store.remove(await required(name));
    },

    async list() {
      const cards = await store.list(placeOf(CARD, scope));
      return cards.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt)).map(summary);
    },

    async versions(name) {
      const card = await required(name);
      const { versions, times = [] } = stateOf(card);
      return versions
        .map((_content, index) => ({
          ...summary(card),
          ModelCardVersion: index + 1,
          CreationTime: times[index] ?? card.createdAt,
        }))
        .toReversed();
    },

    async startExport(job, { name, version }, location) {
      const card = shown(await required(name), version);
      if (!card) return refuse('ResourceNotFound', `Model card ${name} has no version ${version}.`);
      const jobArn = arn(scope, 'sagemaker', `model-card/${name}/export-job/${job}`);
      const path = `${location}/${job}/${name}.json`;
      const readyAt = Date.now() + EXPORT_SECONDS * 1_000 * speed;
      const now = new Date().toISOString();
      if (!(await store.create(stored(EXPORT, scope, jobArn, jobArn, { path, readyAt, content: card.Content }, now)))) {
        refuse('ConflictException', `An export job with the name ${job} already exists.`);
      }
      return jobArn;
    },

    async describeExport(jobArn): Promise<ModelCardExport> {
      const job = await store.read(placeOf(EXPORT, scope), jobArn);
      if (!job) return refuse('ResourceNotFound', `Model card export job ${jobArn} does not exist.`);
      if (Date.now() < Number(job.inputs.readyAt)) return { status: 'InProgress' };
      const path = text(job.inputs, 'path');
      const { bucket, key } = placeOfObject(path);
      await writeObject(store.directory, bucket, key, Buffer.from(text(job.inputs, 'content')));
      return { status: 'Completed', path };
    },

    async describeModel(name): Promise<ModelFacts | undefined> {
      const model = await store.read(placeOf(MODEL, scope), name);
      if (!model) return undefined;
      const several = objects(model.inputs, 'containers');
      const containers = several.length > 0 ? several : [object(model.inputs, 'primaryContainer')];
      return {
        modelArn: text(model.outputs, 'arn'),
        artifacts: containers.map((one) => text(one, 'modelDataUrl')).filter(Boolean),
        images: containers.map((one) => text(one, 'image')).filter(Boolean),
      };
    },

    async cardsOfModel(modelId) {
      const cards = await store.list(placeOf(CARD, scope));
      return cards.filter((card) => modelIdOf(card) === modelId).map(({ id }) => id);
    },

    async describeTrainingJob(name) {
      for (const kind of TRAINING) {
        const job = await store.read(placeOf(kind, scope), name);
        if (job) return trainingFacts(job);
      }
      return undefined;
    },

    async findTrainingJob(artifact) {
      const jobs = await Promise.all(TRAINING.map((kind) => store.list(placeOf(kind, scope))));
      const job = jobs.flat().find((one) => trainedArtifact(one) === artifact);
      return job && trainingFacts(job);
    },

    async readObject(uri) {
      const { bucket, key } = placeOfObject(uri);
      return (await readObject(store.directory, bucket, key))?.toString('utf8');
    },

    async writeObject(uri, content) {
      const { bucket, key } = placeOfObject(uri);
      await writeObject(store.directory, bucket, key, Buffer.from(content));
    },
  };
}

/** As SageMaker keeps a card: each content ever, and the status of the whole. */
interface CardState {
  status: string;
  versions: string[];
  /** When each version was made; absent in a card that an older sandbox kept. */
  times?: string[];
  changedAt: string;
}

function stateOf(card: StoredResource): CardState {
  return card.inputs as unknown as CardState;
}

function shown(card: StoredResource, version?: number): ModelCardDescription | undefined {
  const { status, versions, changedAt } = stateOf(card);
  const number = version ?? versions.length;
  const content = versions[number - 1];
  if (content === undefined) return undefined;
  return {
    ModelCardArn: text(card.outputs, 'arn'),
    ModelCardName: card.id,
    ModelCardVersion: number,
    Content: content,
    ModelCardStatus: status,
    CreationTime: card.createdAt,
    LastModifiedTime: changedAt,
  };
}

function summary(card: StoredResource): Record<string, unknown> {
  const { status, changedAt } = stateOf(card);
  return {
    ModelCardName: card.id,
    ModelCardArn: text(card.outputs, 'arn'),
    ModelCardStatus: status,
    CreationTime: card.createdAt,
    LastModifiedTime: changedAt,
  };
}

function modelIdOf(card: StoredResource): unknown {
  const content = JSON.parse(stateOf(card).versions.at(-1) ?? '{}') as { model_overview?: { model_id?: unknown } };
  return content.model_overview?.model_id;
}

function trainingFacts(job: StoredResource): TrainingJobFacts {
  const image = text(object(job.inputs, 'AlgorithmSpecification'), 'TrainingImage');
  // No model is trained here, so there is nothing to measure.
  return { trainingArn: text(job.outputs, 'arn'), image, metrics: [] };
}

function placeOfObject(uri: string): { bucket: string; key: string } {
  const [bucket = '', ...key] = uri.replace(/^s3:\/\//, '').split('/');
  return { bucket, key: key.join('/') };
}

function stored(
  type: { token: string },
  scope: Scope,
  key: string,
  resourceArn: string,
  inputs: Record<string, unknown>,
  createdAt: string,
): StoredResource {
  const place = placeOf(type, scope);
  return {
    ...place,
    key,
    id: key,
    urn: resourceArn,
    inputs: inputs as StoredResource['inputs'],
    outputs: { arn: resourceArn },
    createdAt,
  };
}

function refuseInvalid(name: string, content: string): void {
  if (!NAME.test(name)) {
    refuse(
      'ValidationException',
      `1 validation error detected: Value '${name}' at 'modelCardName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${NAME.source}`,
    );
  }
  if (content.length > CONTENT_LIMIT) {
    refuse(
      'ValidationException',
      `1 validation error detected: Value at 'content' failed to satisfy constraint: Member must have length less than or equal to ${CONTENT_LIMIT}`,
    );
  }
}
