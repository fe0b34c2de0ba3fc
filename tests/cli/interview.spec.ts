/** What `mlops init` asks at a terminal. */
import assert from 'node:assert/strict';
import type { Questions } from '../../cli/mlops/interview.ts';
import { askForType, askForValues } from '../../cli/mlops/interview.ts';
import type { PipelineType } from '../../cli/mlops/request-template.ts';

const TYPE: PipelineType = {
  pipelineType: 'batch',
  title: 'Batch',
  requestSchema: {
    properties: {
      pipeline_type: { enum: ['batch'] },
      model_name: { description: 'Names the pipeline. Up to 63 characters.' },
      instances: { description: 'How many' },
      framework: { enum: ['xgboost', 'sklearn'] },
      tags: {},
      note: {},
    },
    required: ['pipeline_type', 'model_name', 'instances', 'framework', 'tags'],
  },
  example: { pipeline_type: 'batch', model_name: 'my-model', instances: 1, framework: 'xgboost', tags: [] },
};

class Answers implements Questions {
  readonly asked: unknown[][] = [];
  readonly #answers: Readonly<Record<string, string>>;

  constructor(answers: Readonly<Record<string, string>>) {
    this.#answers = answers;
  }

  async choose(message: string, choices: readonly { value: string }[], initial?: string): Promise<string> {
    return this.#answer(
      message,
      initial,
      choices.map(({ value }) => value),
    );
  }

  async enter(message: string, initial: string, problem: (text: string) => string | undefined): Promise<string> {
    assert.equal(problem('x'), undefined);
    assert.equal(problem(' '), 'A value is required.');
    return this.#answer(message, initial);
  }

  #answer(message: string, ...others: unknown[]): string {
    this.asked.push([message, ...others]);
    return this.#answers[message.split(':')[0] ?? ''] ?? '';
  }
}

describe('questions of mlops init', () => {
  it('are for the required keys, with the values of the example to start from', async () => {
    const questions = new Answers({ model_name: ' churn ', instances: '3', framework: 'sklearn' });
    assert.deepEqual(await askForValues(TYPE, {}, questions), {
      model_name: 'churn',
      instances: 3,
      framework: 'sklearn',
    });
    assert.deepEqual(questions.asked, [
      ['model_name: Names the pipeline.', 'my-model'],
      ['instances: How many', '1'],
      ['framework: ', 'xgboost', ['xgboost', 'sklearn']],
    ]);
  });

  it('are not for values that are given', async () => {
    const questions = new Answers({ framework: 'xgboost' });
    const given = { model_name: 'churn', instances: 2 };
    assert.deepEqual(await askForValues(TYPE, given, questions), { ...given, framework: 'xgboost' });
    assert.equal(questions.asked.length, 1);
  });

  it('begin with the type, where none is given', async () => {
    assert.equal(await askForType([TYPE], new Answers({ 'Which type of pipeline?': 'batch' })), 'batch');
  });
});
