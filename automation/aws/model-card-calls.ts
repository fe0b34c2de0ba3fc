/** The calls of SageMaker and Amazon S3 for model cards. Production uses AWS; the sandbox has a stand-in. */
import type { ModelFacts, TrainingJobFacts } from '../../blueprints/model-cards/content.ts';

/** A card as DescribeModelCard shows it, in its keys; times are ISO texts. */
export interface ModelCardDescription extends Record<string, unknown> {
  ModelCardArn: string;
  ModelCardName: string;
  ModelCardVersion: number;
  /** JSON text in SageMaker's model card schema. */
  Content: string;
  ModelCardStatus: string;
}

/** An export as DescribeModelCardExportJob shows it. */
export interface ModelCardExport {
  /** `InProgress`, `Completed` or `Failed`. */
  status: string;
  /** Location of the PDF, once it exists. */
  path?: string;
  failureReason?: string;
}

export interface ModelCardCalls {
  /** @throws an error named `ConflictException` if the name is in use */
  create(name: string, status: string, content: string): Promise<void>;
  /** @returns undefined if the card or its version does not exist */
  describe(name: string, version?: number): Promise<ModelCardDescription | undefined>;
  /** SageMaker changes either the status or the content in one call. */
  update(name: string, change: { status: string } | { content: string }): Promise<void>;
  delete(name: string): Promise<void>;
  /** All cards, as ListModelCards shows them, newest first. */
  list(): Promise<Record<string, unknown>[]>;
  /** The versions of a card, as ListModelCardVersions shows them, newest first. */
  versions(name: string): Promise<Record<string, unknown>[]>;
  /** Starts the export of a card to a PDF. @param location `s3://bucket/prefix` @returns the ARN of the job */
  startExport(job: string, card: { name: string; version?: number }, location: string): Promise<string>;
  describeExport(jobArn: string): Promise<ModelCardExport>;
  /** @returns undefined if the model does not exist */
  describeModel(name: string): Promise<ModelFacts | undefined>;
  /** Names of the cards whose `model_overview.model_id` this is. */
  cardsOfModel(modelId: string): Promise<string[]>;
  /** @returns undefined if the job does not exist */
  describeTrainingJob(name: string): Promise<TrainingJobFacts | undefined>;
  /** The training job that created an artifact. @returns undefined if SageMaker has none */
  findTrainingJob(artifact: string): Promise<TrainingJobFacts | undefined>;
  /** @returns the text of the object; undefined if it does not exist */
  readObject(uri: string): Promise<string | undefined>;
  /** Writes JSON text to an object, in the place of what was there. */
  writeObject(uri: string, text: string): Promise<void>;
}
