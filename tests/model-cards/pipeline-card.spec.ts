/** The draft of a pipeline's card: what is in it, and what of a saved card it leaves alone. */
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Cloud } from '../../automation/aws/cloud.ts';
import type { ModelCardCalls, ModelCardDescription } from '../../automation/aws/model-card-calls.ts';
import type { Environment } from '../../automation/config/environments.ts';
import type { Pipeline } from '../../automation/model.ts';
import { cardName, mergedContent } from '../../automation/model-cards/draft.ts';
import { exportedMessage } from '../../automation/model-cards/model-cards.ts';
import { PipelineCards } from '../../automation/model-cards/pipeline-cards.ts';
import type { DeployedStage } from '../../automation/pipelines/stages.ts';
import { realtimeBuiltin } from '../../blueprints/realtime-inference/index.ts';
import { dataQualityMonitor } from '../../blueprints/model-monitor/index.ts';

const ID = 'mlops-pipeline-churn-byompipelinerealtimebuiltin';
const MONITOR = 'mlops-pipeline-churn-byomdataqualitymonitor';
const IMAGE = '683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1';
const TRAINING = 'arn:aws:sagemaker:us-east-1:111111111111:training-job/churn-training-1';
const TIME = '2026-01-02T03:04:05.000Z';

/** SageMaker's cards in memory. */
function cardsOf(known: Partial<ModelCardCalls> = {}) {
  let card: ModelCardDescription | undefined;
  const written: string[] = [];
  const calls = {
    create: async (name: string, status: string, content: string) => {
      written.push('create');
      card = {
        ModelCardArn: 'arn',
        ModelCardName: name,
        ModelCardVersion: 1,
        Content: content,
        ModelCardStatus: status,
      };
    },
    describe: async () => card,
    update: async (_name: string, change: { content?: string }) => {
      written.push('update');
      if (card) card = { ...card, Content: change.content ?? '', ModelCardVersion: card.ModelCardVersion + 1 };
    },
    describeModel: async () => ({ modelArn: 'arn:model', artifacts: ['s3://assets/m.tar.gz'], images: [IMAGE] }),
    findTrainingJob: async () => ({
      trainingArn: TRAINING,
      image: IMAGE,
      metrics: [{ name: 'validation:auc', value: 0.9 }],
    }),
    ...known,
  } as unknown as ModelCardCalls;
  return { calls, written, edit: (content: object) => card && (card.Content = JSON.stringify(content)) };
}

const stage = (environment: 'dev' | 'prod'): DeployedStage => ({
  name: 'Deploy',
  kind: 'deploy',
  environment,
  status: 'Succeeded',
  revision: 2,
  ended: TIME,
  stack: `byom-realtime-builtin/${ID}.${environment}`,
  outputs: { modelName: 'churn-model', endpointName: 'churn', endpointConfigName: 'churn-2' },
});

function pipelineCards(calls: ModelCardCalls, type = 'byom_realtime_builtin') {
  const request = { ...realtimeBuiltin.example };
  const monitor = { ...dataQualityMonitor.example, endpoint_name: 'churn', pipeline_type: 'byom_data_quality_monitor' };
  const audited: string[] = [];
  const cards = new PipelineCards({
    pipelines: {
      get: async (id) =>
        ({
          pipelineId: id,
          pipelineType: id === MONITOR ? 'byom_data_quality_monitor' : type,
          modelName: 'churn',
          revision: 3,
          request: id === MONITOR ? monitor : request,
        }) as unknown as Pipeline,
      deployedStages: async () => [stage('dev')],
      current: async () => [{ pipelineId: MONITOR, request: monitor }],
    },
    revisions: {
      getRevision: async (pipelineId, revision) => ({
        ...{ pipelineId, revision, digest: 'd', requestedBy: 'kim', created: TIME, current: false },
        environments: ['dev'],
        origin: { repository: 'github:owner/repo', commit: '9f3c2a1', author: ['lee'] },
        request: { ...request, pipeline_type: type },
      }),
    },
    executions: {
      ofPipeline: async () => [
        {
          revision: 2,
          decisions: [
            { environment: 'dev', decision: 'Approved', changeHash: 'h', by: 'lee', at: TIME, comment: 'Tested.' },
          ],
        },
        { revision: 1, decisions: [{ environment: 'dev', decision: 'Rejected', changeHash: 'h', by: 'x', at: TIME }] },
      ],
    },
    jobs: {
      jobs: async (pipelineId, { kind = 'baseline' }) => ({
        pipelineId,
        environments: [
          {
            environment: 'dev',
            jobs: [{ kind, name: `${kind}-1`, arn: `arn:${kind}`, status: 'Completed', created: TIME, metrics: [] }],
          },
        ],
      }),
    },
    modelCards: {
      export: async ({ name }) => ({ message: exportedMessage(name, 's3://a/x.pdf'), location: 's3://a/x.pdf' }),
      exportLocation: () => 's3://assets/model_card_exports',
    },
    cloud: { modelCards: () => calls } as unknown as Cloud,
    main: { name: 'main', assetsBucket: 'assets' } as Environment,
    environment: (name) => ({ name }) as Environment,
    audit: async ({ principal }) => void audited.push(principal),
    patienceMs: 50,
  });
  return { cards, audited };
}

describe('the card of a pipeline', () => {
  it('has the model, its training, what monitors found, what is deployed, and who approved it', async () => {
    const { cards } = pipelineCards(cardsOf().calls);
    const card = await cards.card(ID);
    assert.deepEqual([card.state, card.missing], ['Draft only', []]);
    const { model_overview: model, training_details: training, evaluation_details: evaluations } = card.content;
    assert.deepEqual(model, {
      model_name: 'churn',
      model_id: 'arn:model',
      model_version: 2,
      model_creator: 'kim',
      algorithm_type: `xgboost ${String(realtimeBuiltin.example.model_framework_version)}`,
      model_artifact: ['s3://assets/m.tar.gz'],
      inference_environment: { container_image: [IMAGE] },
    });
    assert.deepEqual(training, {
      training_job_details: {
        training_arn: TRAINING,
        training_environment: { container_image: [IMAGE] },
        training_metrics: [{ name: 'validation:auc', value: 0.9 }],
      },
    });
    const [evaluation] = evaluations as { name: string; evaluation_observation: string; evaluation_job_arn: string }[];
    assert.equal(evaluation?.name, `Monitor ${MONITOR} (dev)`);
    assert.equal(evaluation.evaluation_job_arn, 'arn:baseline');
    assert.match(evaluation.evaluation_observation, /^Baseline baseline-1: Completed\. Latest run .*: Completed\.$/);
    assert.deepEqual(card.content.additional_information, {
      custom_details: {
        mlops_pipeline: ID,
        mlops_pipeline_type: 'byom_realtime_builtin',
        mlops_revision: '2',
        mlops_requested_by: 'kim',
        mlops_requested_at: TIME,
        mlops_commit: 'github:owner/repo@9f3c2a1',
        mlops_author: 'lee',
        mlops_deployed_dev: `revision 2, ${TIME}, byom-realtime-builtin/${ID}.dev`,
        mlops_endpoint_dev: 'churn, churn-2',
        mlops_decisions_dev: `Approved by lee, ${TIME}: Tested.`,
      },
    });
  });

  it('is drafted without what an account does not tell, and says so', async () => {
    const { cards } = pipelineCards(
      cardsOf({
        describeModel: () => Promise.reject(new Error('denied')),
        findTrainingJob: () => new Promise(() => undefined),
      }).calls,
    );
    const { content, missing } = await cards.card(ID);
    assert.deepEqual(content.training_details, undefined);
    assert.match(missing[0] ?? '', /model churn-model in dev: denied/);
    assert.match(missing[1] ?? '', /training job of .*timed out/i);
  });

  it('is saved once, and leaves alone what people wrote in it', async () => {
    const { calls, written, edit } = cardsOf();
    const { cards, audited } = pipelineCards(calls);
    const saved = await cards.saveCard(ID, 'kim');
    assert.deepEqual([saved.state, saved.status, saved.version], ['Saved', 'Draft', 1]);
    await cards.saveCard(ID, 'kim');
    assert.deepEqual(written, ['create']);
    const theirs = {
      intended_uses: { risk_rating: 'High' },
      evaluation_details: [{ name: 'by hand' }],
      additional_information: {
        ethical_considerations: 'none',
        custom_details: { team: 'churn', mlops_endpoint_prod: 'gone' },
      },
    };
    edit(theirs);
    assert.equal((await cards.card(ID)).state, 'Outdated');
    const { content, state, version } = await cards.saveCard(ID, 'lee');
    assert.deepEqual([state, version], ['Saved', 2]);
    assert.deepEqual(content.intended_uses, { risk_rating: 'High' });
    assert.equal((content.evaluation_details as object[]).length, 2);
    const { ethical_considerations, custom_details } = content.additional_information as Record<string, object>;
    assert.equal(ethical_considerations, 'none');
    assert.equal((custom_details as Record<string, string>).team, 'churn');
    assert.ok(!('mlops_endpoint_prod' in (custom_details ?? {})));
    assert.deepEqual(audited, ['kim', 'kim', 'lee']);
  });

  it('is exported by SageMaker as a PDF', async () => {
    const { cards } = pipelineCards(cardsOf().calls);
    assert.equal((await cards.exportCard(ID, 'pdf', 'kim')).location, 's3://a/x.pdf');
  });

  it('is refused for a pipeline without a model', async () => {
    for (const type of ['byom_image_builder', 'byom_data_quality_monitor']) {
      const { cards } = pipelineCards(cardsOf().calls, type);
      await assert.rejects(cards.card(ID), { code: 'PIPELINE_HAS_NO_MODEL' });
    }
  });

  it('has a name that SageMaker takes', () => {
    assert.match(cardName(`mlops-pipeline-${'a.b_'.repeat(30)}`), /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
  });

  it('drops an evaluation of ours that is no longer there', () => {
    assert.deepEqual(mergedContent({ evaluation_details: [{ name: 'Monitor x (dev)' }] }, {}), {
      model_overview: {},
      additional_information: { custom_details: {} },
    });
  });
});
