/** The original's requests for model cards, carried out on the sandbox account. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ModelCardDescription } from '../../automation/aws/model-card-calls.ts';
import { ModelCards } from '../../automation/model-cards/model-cards.ts';
import type { Fault } from '../../blueprints/faults.ts';
import { validateModelCardRequest } from '../../blueprints/model-cards/request.ts';
import { writeObject } from '../../sandbox/aws/local-endpoint/objects.ts';
import { modelCardsOf } from '../../sandbox/aws/model-cards.ts';
import { scopeOf } from '../../sandbox/aws/partitions.ts';
import { Store } from '../../sandbox/aws/store.ts';

const SCOPE = scopeOf('111111111111', 'us-east-1');
const MODEL_ARN = 'arn:aws:sagemaker:us-east-1:111111111111:model/churn';
const IMAGE = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1';
const ARTIFACT = 's3://assets/out/churn-train/output/model.tar.gz';

describe('model cards', () => {
  let directory: string;
  let store: Store;
  let cards: ModelCards;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mlops-cards-'));
    store = new Store(directory);
    cards = cardsAt(0);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const cardsAt = (speed: number) =>
    new ModelCards({
      calls: () => modelCardsOf(store, SCOPE, speed),
      assetsBucket: 'assets',
      clock: () => new Date('2026-01-02T03:04:05.000Z'),
      pollMs: 1,
    });
  const send = async (body: Record<string, unknown>) => (await cards.handle(validateModelCardRequest(body))).message;
  const card = async (body: Record<string, unknown>) => (await send(body)) as unknown as ModelCardDescription;
  const contentOf = ({ Content }: ModelCardDescription) => JSON.parse(Content) as Record<string, unknown>;
  const refusal = async (body: Record<string, unknown>) => {
    try {
      await send(body);
    } catch (error) {
      return error as Error & { code: string; faults?: Fault[] };
    }
    return assert.fail('was accepted');
  };
  const faults = async (body: Record<string, unknown>) =>
    ((await refusal(body)).faults ?? []).map(({ pointer, rule }) => `${pointer} ${rule}`);

  const resource = (type: string, key: string, inputs: object, outputs: object) =>
    store.create({
      type,
      key,
      id: key,
      urn: '',
      accountId: SCOPE.accountId,
      region: SCOPE.region,
      inputs: inputs as never,
      outputs: outputs as never,
      createdAt: '2026-01-01T00:00:00.000Z',
    });
  const aModel = () =>
    resource(
      'aws:sagemaker/model:Model',
      'churn',
      { primaryContainer: { image: IMAGE, modelDataUrl: ARTIFACT } },
      { arn: MODEL_ARN },
    );
  const aTrainingJob = () =>
    resource(
      'aws:sagemaker/job:TrainingJob',
      'churn-train',
      { AlgorithmSpecification: { TrainingImage: IMAGE }, OutputDataConfig: { S3OutputPath: 's3://assets/out/' } },
      { arn: 'arn:aws:sagemaker:us-east-1:111111111111:training-job/churn-train' },
    );

  it('creates a card with only the parts that were given, and describes it', async () => {
    const made = await card({
      pipeline_type: 'create_model_card',
      name: 'churn-card',
      created_by: 'somebody',
      model_overview: { model_description: 'Who leaves', inference_environment: IMAGE, model_artifact: [ARTIFACT] },
      intended_uses: { purpose_of_model: 'keep customers' },
    });
    assert.equal(made.ModelCardStatus, 'Draft');
    assert.equal(made.ModelCardVersion, 1);
    assert.equal(made.ModelCardArn, 'arn:aws:sagemaker:us-east-1:111111111111:model-card/churn-card');
    assert.deepEqual(contentOf(made), {
      model_overview: {
        model_description: 'Who leaves',
        model_artifact: [ARTIFACT],
        inference_environment: { container_image: [IMAGE] },
      },
      intended_uses: { risk_rating: 'Unknown', purpose_of_model: 'keep customers' },
    });
    assert.deepEqual(await send({ pipeline_type: 'describe_model_card', name: 'churn-card' }), made);
  });

  it('takes ARN, artifact and image of a model that is named, and refuses it a second card', async () => {
    await aModel();
    const body = {
      pipeline_type: 'create_model_card',
      name: 'churn-card',
      model_overview: { model_name: 'churn', model_artifact: ['s3://elsewhere/model.tar.gz'] },
    };
    assert.deepEqual(contentOf(await card(body)).model_overview, {
      model_id: MODEL_ARN,
      model_artifact: ['s3://elsewhere/model.tar.gz'],
      inference_environment: { container_image: [IMAGE] },
    });
    const second = await refusal({ ...body, name: 'other-card' });
    assert.equal(second.code, 'MODEL_CARD_EXISTS');
    assert.match(second.message, /churn-card/);
  });

  it('finds the training job by its name, or by the artifact of a model', async () => {
    await aModel();
    await aTrainingJob();
    for (const [name, training_details] of [
      ['by-job', { training_job_name: 'churn-train' }],
      ['by-model', { model_name: 'churn' }],
    ] as const) {
      const made = await card({ pipeline_type: 'create_model_card', name, training_details });
      assert.deepEqual(contentOf(made).training_details, {
        training_job_details: {
          training_arn: 'arn:aws:sagemaker:us-east-1:111111111111:training-job/churn-train',
          training_environment: { container_image: [IMAGE] },
          training_metrics: [],
        },
      });
    }
  });

  it('nests the objective function as SageMaker has it', async () => {
    const made = await card({
      pipeline_type: 'create_model_card',
      name: 'c',
      training_details: {
        objective_function: { function: 'Maximize', facet: 'AUC', condition: 'on 2025', notes: 'a note' },
        training_observations: 'slow',
        training_job_details: {
          training_environment: [IMAGE],
          user_provided_training_metrics: [{ name: 'auc', value: 0.9, notes: 'held out' }],
        },
      },
    });
    assert.deepEqual(contentOf(made).training_details, {
      objective_function: { function: { function: 'Maximize', facet: 'AUC', condition: 'on 2025' }, notes: 'a note' },
      training_observations: 'slow',
      training_job_details: {
        training_environment: { container_image: [IMAGE] },
        user_provided_training_metrics: [{ name: 'auc', value: 0.9, notes: 'held out' }],
      },
    });
  });

  it('an update replaces the parts that it names, and leaves the status and the others alone', async () => {
    await send({
      pipeline_type: 'create_model_card',
      name: 'c',
      status: 'Approved',
      intended_uses: { purpose_of_model: 'a', intended_uses: 'b' },
      additional_information: { custom_details: { team: 'churn' } },
    });
    const changed = await card({
      pipeline_type: 'update_model_card',
      name: 'c',
      intended_uses: { purpose_of_model: 'z' },
    });
    assert.equal(changed.ModelCardStatus, 'Approved');
    assert.equal(changed.ModelCardVersion, 2);
    assert.deepEqual(contentOf(changed), {
      intended_uses: { risk_rating: 'Unknown', purpose_of_model: 'z' },
      additional_information: { custom_details: { team: 'churn' } },
    });
    const version = { pipeline_type: 'describe_model_card', name: 'c', model_card_version: '1' };
    assert.deepEqual(contentOf(await card(version)).intended_uses, {
      risk_rating: 'Unknown',
      purpose_of_model: 'a',
      intended_uses: 'b',
    });
    const listing = { pipeline_type: 'list_model_card_versions', name: 'c' };
    const { ModelCardVersionSummaryList: versions } = (await send(listing)) as Record<string, object[]>;
    assert.deepEqual(
      versions?.map((one) => [Object.entries(one)].flat().find(([key]) => key === 'ModelCardVersion')?.[1]),
      [2, 1],
    );
    const unknown = await refusal({ ...version, model_card_version: 7 });
    assert.equal(unknown.code, 'MODEL_CARD_NOT_FOUND');
    assert.match(unknown.message, /list_model_card_versions/);
    assert.equal((await refusal({ ...listing, name: 'gone' })).code, 'MODEL_CARD_NOT_FOUND');
    const archived = await card({
      pipeline_type: 'update_model_card',
      name: 'c',
      status: 'Archived',
      version: 2,
      arn: 'x',
    });
    assert.equal(archived.ModelCardStatus, 'Archived');
    assert.equal(archived.ModelCardVersion, 2);
  });

  it('lists cards, and deletes one', async () => {
    await send({ pipeline_type: 'create_model_card', name: 'a' });
    await send({ pipeline_type: 'create_model_card', name: 'b' });
    assert.equal(
      await send({ pipeline_type: 'delete_model_card', name: 'a' }),
      'Model card with the name: a has been deleted',
    );
    const { ModelCardSummaries } = (await send({ pipeline_type: 'list_model_cards' })) as Record<
      string,
      { ModelCardName: string }[]
    >;
    assert.deepEqual(
      ModelCardSummaries?.map(({ ModelCardName }) => ModelCardName),
      ['b'],
    );
  });

  it('exports a version of a card, given as number or text', async () => {
    await send({ pipeline_type: 'create_model_card', name: 'c' });
    await send({ pipeline_type: 'update_model_card', name: 'c', intended_uses: { purpose_of_model: 'z' } });
    for (const [index, model_card_version] of [undefined, 1, '2'].entries()) {
      const message = await send({
        pipeline_type: 'export_model_card',
        name: 'c',
        ...(model_card_version === undefined ? {} : { model_card_version, export_job_name: `job-${index}` }),
      });
      const job = model_card_version === undefined ? 'c-20260102030405-[0-9a-f]{6}' : `job-${index}`;
      const location = `s3://assets/model_card_exports/${job}/c.json`;
      assert.match(String(message), new RegExp(`^Model card with the name: c has been exported to ${location}$`));
    }
    assert.equal(
      (await refusal({ pipeline_type: 'export_model_card', name: 'c', model_card_version: 3 })).code,
      'MODEL_CARD_NOT_FOUND',
    );
  });

  it('exports a card as often as it is asked for, and refuses the name of an export job that exists', async () => {
    const name = 'c'.repeat(63);
    await send({ pipeline_type: 'create_model_card', name });
    await Promise.all([1, 2, 3].map(() => send({ pipeline_type: 'export_model_card', name })));
    const jobs = await store.list({ ...SCOPE, type: 'aws:sagemaker/modelCardExportJob:ModelCardExportJob' });
    assert.deepEqual(
      jobs.map(({ id }) => id.split('/').at(-1)?.length),
      [63, 63, 63],
    );
    const named = { pipeline_type: 'export_model_card', name, export_job_name: 'j' };
    await send(named);
    assert.equal((await refusal(named)).code, 'MODEL_CARD_EXISTS');
  });

  it('names the job of an export that takes longer than a caller can wait', async () => {
    await send({ pipeline_type: 'create_model_card', name: 'c' });
    const slow = new ModelCards({
      calls: () => ({ ...modelCardsOf(store, SCOPE, 1), describeExport: async () => ({ status: 'InProgress' }) }),
      assetsBucket: 'assets',
      clock: () => new Date(),
      pollMs: 30_000,
    });
    // Waiting starts only where a second look would still be in time.
    const answer = slow.handle({ pipeline_type: 'export_model_card', name: 'c', export_job_name: 'j' });
    const { message, export_job_arn: job } = await answer;
    assert.match(String(message), /is being exported to s3:\/\/assets\/model_card_exports by the job j/);
    assert.match(String(job), /model-card\/c\/export-job\/j$/);
  });

  it('reads a report and puts its metrics into the evaluation', async () => {
    const report = {
      regression_metrics: {
        mae: { value: 0.37, standard_deviation: 0.01 },
        r2: { value: 0.9, standard_deviation: 'NaN' },
      },
    };
    await writeObject(directory, 'assets', 'report.json', Buffer.from(JSON.stringify(report)));
    const made = await card({
      pipeline_type: 'create_model_card',
      name: 'c',
      evaluation_details: [
        {
          name: 'monitor',
          metric_file_s3_url: 's3://assets/report.json',
          metric_type: 'regression',
          datasets: ['s3://a/b'],
        },
        {
          name: 'by hand',
          metric_groups: [{ name: 'g', metric_data: [{ name: 'x', type: 'matrix', value: [[1, 2]] }] }],
        },
      ],
    });
    assert.deepEqual(contentOf(made).evaluation_details, [
      {
        name: 'monitor',
        datasets: ['s3://a/b'],
        metric_groups: [
          {
            name: 'regression_metrics',
            metric_data: [
              { name: 'mae', value: 0.37, type: 'number' },
              { name: 'mae - standard_deviation', value: 0.01, type: 'number' },
              { name: 'r2', value: 0.9, type: 'number' },
            ],
          },
        ],
      },
      {
        name: 'by hand',
        metric_groups: [{ name: 'g', metric_data: [{ name: 'x', type: 'matrix', value: [[1, 2]] }] }],
      },
    ]);
  });

  it('names everything that the request refers to and that is not there', async () => {
    await writeObject(directory, 'assets', 'text.txt', Buffer.from('no json'));
    const evaluation = { metric_type: 'clarify_bias' };
    assert.deepEqual(
      (
        await faults({
          pipeline_type: 'create_model_card',
          name: 'c',
          model_overview: { model_name: 'gone' },
          training_details: { training_job_name: 'gone' },
          evaluation_details: [
            { ...evaluation, name: 'a', metric_file_s3_url: 's3://assets/gone.json' },
            { ...evaluation, name: 'b', metric_file_s3_url: 's3://assets/text.txt' },
          ],
        })
      ).toSorted(),
      [
        '/evaluation_details/0/metric_file_s3_url reference',
        '/evaluation_details/1/metric_file_s3_url reference',
        '/model_overview/model_name reference',
        '/training_details/training_job_name reference',
      ],
    );
  });

  it('refuses what is wrong with every fault at once', async () => {
    assert.deepEqual(
      await faults({
        pipeline_type: 'create_model_card',
        name: 'under_score',
        arn: 'arn:aws:sagemaker:us-east-1:111111111111:model-card/c',
        status: 'Final',
        model_overview: { model_artifact: Array.from({ length: 16 }, () => 'a') },
        intended_uses: { risk_rating: 'Huge', purpose_of_model: 'x'.repeat(2049) },
        training_details: { model_name: 'a', training_job_name: 'b' },
        evaluation_details: [{ metric_type: 'regression' }],
      }),
      [
        '/name pattern',
        '/status allowed',
        '/arn conflict',
        '/model_overview/model_artifact range',
        '/intended_uses/purpose_of_model range',
        '/intended_uses/risk_rating allowed',
        '/training_details conflict',
        '/evaluation_details/0/name required',
        '/evaluation_details/0/metric_file_s3_url conflict',
      ],
    );
  });

  it('a name in use and one that does not exist are refused with a message that says how to fix it', async () => {
    await send({ pipeline_type: 'create_model_card', name: 'c' });
    assert.equal((await refusal({ pipeline_type: 'create_model_card', name: 'c' })).code, 'MODEL_CARD_EXISTS');
    for (const pipeline_type of [
      'update_model_card',
      'describe_model_card',
      'delete_model_card',
      'export_model_card',
    ]) {
      assert.equal((await refusal({ pipeline_type, name: 'gone' })).code, 'MODEL_CARD_NOT_FOUND', pipeline_type);
    }
  });
});
