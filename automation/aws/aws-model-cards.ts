/** Model cards on AWS. @see https://docs.aws.amazon.com/sagemaker/latest/dg/model-cards-apis.html */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateModelCardCommand,
  CreateModelCardExportJobCommand,
  DeleteModelCardCommand,
  DescribeModelCardCommand,
  DescribeModelCardExportJobCommand,
  DescribeModelCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  SearchCommand,
  UpdateModelCardCommand,
  paginateListModelCards,
  paginateListModelCardVersions,
} from '@aws-sdk/client-sagemaker';
import type { ModelCardStatus, TrainingJob } from '@aws-sdk/client-sagemaker';
import type { TrainingJobFacts } from '../../blueprints/model-cards/content.ts';
import { client } from './aws-client.ts';
import { orAbsent } from './aws-errors.ts';
import type { Cloud } from './cloud.ts';
import type { ModelCardCalls } from './model-card-calls.ts';
import { s3Object } from './s3-object.ts';

export const modelCards: Cloud['modelCards'] = (environment) => {
  const settings = client(environment);
  return modelCardsWith(new SageMakerClient(settings), new S3Client({ ...settings, followRegionRedirects: true }));
};

export function modelCardsWith(sagemaker: SageMakerClient, s3: S3Client): ModelCardCalls {
  return {
    async create(name, status, content) {
      const card = { ModelCardName: name, ModelCardStatus: status as ModelCardStatus, Content: content };
      await sagemaker.send(new CreateModelCardCommand(card));
    },

    async describe(name, version) {
      const asked = new DescribeModelCardCommand({ ModelCardName: name, ModelCardVersion: version });
      const found = await orAbsent(sagemaker.send(asked));
      if (!found) return undefined;
      const { $metadata: _, ...card } = found;
      const {
        ModelCardArn = '',
        ModelCardName = name,
        ModelCardVersion = 1,
        Content = '',
        ModelCardStatus = '',
      } = card;
      return { ...plain(card), ModelCardArn, ModelCardName, ModelCardVersion, Content, ModelCardStatus };
    },

    async update(name, change) {
      const what =
        'status' in change ? { ModelCardStatus: change.status as ModelCardStatus } : { Content: change.content };
      await sagemaker.send(new UpdateModelCardCommand({ ModelCardName: name, ...what }));
    },

    async delete(name) {
      await sagemaker.send(new DeleteModelCardCommand({ ModelCardName: name }));
    },

    async list() {
      const pages = paginateListModelCards({ client: sagemaker }, { SortBy: 'CreationTime', SortOrder: 'Descending' });
      const cards: Record<string, unknown>[] = [];
      for await (const { ModelCardSummaries = [] } of pages) cards.push(...ModelCardSummaries.map(plain));
      return cards;
    },

    async versions(name) {
      const asked = { ModelCardName: name, SortBy: 'Version', SortOrder: 'Descending' } as const;
      const versions: Record<string, unknown>[] = [];
      for await (const { ModelCardVersionSummaryList = [] } of paginateListModelCardVersions(
        { client: sagemaker },
        asked,
      )) {
        versions.push(...ModelCardVersionSummaryList.map(plain));
      }
      return versions;
    },

    async startExport(job, { name, version }, location) {
      const { ModelCardExportJobArn } = await sagemaker.send(
        new CreateModelCardExportJobCommand({
          ModelCardExportJobName: job,
          ModelCardName: name,
          ModelCardVersion: version,
          OutputConfig: { S3OutputPath: location },
        }),
      );
      return ModelCardExportJobArn ?? '';
    },

    async describeExport(jobArn) {
      const job = await sagemaker.send(new DescribeModelCardExportJobCommand({ ModelCardExportJobArn: jobArn }));
      const path = job.ExportArtifacts?.S3ExportArtifacts;
      return {
        status: job.Status ?? '',
        ...(path ? { path } : {}),
        ...(job.FailureReason ? { failureReason: job.FailureReason } : {}),
      };
    },

    async describeModel(name) {
      const model = await orAbsent(sagemaker.send(new DescribeModelCommand({ ModelName: name })));
      if (!model) return undefined;
      const containers = model.PrimaryContainer ? [model.PrimaryContainer] : (model.Containers ?? []);
      return {
        modelArn: model.ModelArn ?? '',
        artifacts: containers.flatMap(({ ModelDataUrl }) => ModelDataUrl ?? []),
        images: containers.flatMap(({ Image }) => Image ?? []),
      };
    },

    async cardsOfModel(modelId) {
      const { Results = [] } = await sagemaker.send(
        new SearchCommand({
          Resource: 'ModelCard',
          SearchExpression: { Filters: [{ Name: 'ModelId', Operator: 'Equals', Value: modelId }] },
        }),
      );
      return Results.flatMap(({ ModelCard }) => ModelCard?.ModelCardName ?? []);
    },

    async describeTrainingJob(name) {
      const job = await orAbsent(sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName: name })));
      return job && trainingJobFacts(job);
    },

    async findTrainingJob(artifact) {
      const { Results = [] } = await sagemaker.send(
        new SearchCommand({
          Resource: 'TrainingJob',
          SearchExpression: {
            Filters: [{ Name: 'ModelArtifacts.S3ModelArtifacts', Operator: 'Equals', Value: artifact }],
          },
          MaxResults: 1,
        }),
      );
      const job = Results[0]?.TrainingJob;
      return job && trainingJobFacts(job);
    },

    async readObject(uri) {
      const found = await orAbsent(s3.send(new GetObjectCommand(s3Object(uri))));
      return await found?.Body?.transformToString();
    },

    async writeObject(uri, text) {
      await s3.send(new PutObjectCommand({ ...s3Object(uri), Body: text, ContentType: 'application/json' }));
    },
  };
}

function trainingJobFacts(
  job: Pick<TrainingJob, 'TrainingJobArn' | 'AlgorithmSpecification' | 'FinalMetricDataList'>,
): TrainingJobFacts {
  return {
    trainingArn: job.TrainingJobArn ?? '',
    image: job.AlgorithmSpecification?.TrainingImage ?? '',
    metrics: (job.FinalMetricDataList ?? []).map(({ MetricName = '', Value = 0 }) => ({
      name: MetricName,
      value: Value,
    })),
  };
}

/** Dates as text, as in HTTP responses. */
function plain(answer: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(answer)) as Record<string, unknown>;
}
