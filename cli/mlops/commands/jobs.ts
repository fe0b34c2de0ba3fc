/** Shows the SageMaker jobs of a pipeline: what they measured, where the model is, why one failed. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { JOB_KINDS } from '../../../blueprints/blueprint.ts';
import type { JobKind } from '../../../blueprints/blueprint.ts';
import type { Environment, Model } from '../../../client/model.ts';
import type { Column } from '../../text-table.ts';
import { table } from '../../text-table.ts';
import { answerOf } from '../client.ts';
import type { Commands } from '../command.ts';
import { examples } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { wholeNumber } from '../numbers.ts';
import { pairs } from '../output.ts';

type EnvironmentJobs = Model<'PipelineJobs'>['environments'][number];
type Job = EnvironmentJobs['jobs'][number];

interface JobsOptions {
  env?: Environment;
  kind?: JobKind;
  limit?: number;
  after?: string;
}

const COLUMNS: readonly Column<Job>[] = [
  ['JOB', ({ name }) => name],
  ['KIND', ({ kind }) => kind],
  ['STATUS', ({ status }) => status],
  ['CREATED', ({ created }) => created],
  ['METRICS', ({ metrics }) => metrics.map(({ name, value }) => `${name}=${value}`).join(' ') || undefined],
];

export function addJobs(program: Command, commands: Commands): void {
  program
    .command('jobs')
    .description(
      'Show the SageMaker jobs of a pipeline, newest first; the exit code is 1 if an environment has no answer.',
    )
    .argument('<pipeline>', 'id of a pipeline')
    .option('--env <environment>', 'only of this environment')
    .addOption(new Option('--kind <kind>', 'only of this kind').choices(JOB_KINDS))
    .option('--limit <number>', 'at most this many of each environment, up to 50; default: 10', wholeNumber)
    .option('--after <time>', 'only jobs created before this time; requires --env')
    .addHelpText('after', examples('mlops jobs mlops-pipeline-my-model-modeltraining --limit 1'))
    .action(
      commands.action<JobsOptions>(async ({ api, options: { env, kind, limit, after }, output, say }, id = '') => {
        const query = { environment: env, kind, limit, after };
        const answer = await answerOf(api.GET('/pipelines/{id}/jobs', { params: { path: { id }, query } }));
        output.show(answer, ({ environments }) =>
          environments.length === 0
            ? ['A pipeline of this type runs no jobs.']
            : environments.flatMap(environmentLines),
        );
        for (const { environment, next } of answer.environments) {
          if (next) say(`There are older jobs in ${environment}: --env ${environment} --after ${next}`);
        }
        return answer.environments.some(({ error }) => error) ? EXIT.failed : EXIT.done;
      }),
    );
}

function environmentLines({ environment, jobs, error }: EnvironmentJobs): string[] {
  if (error) return [`${environment}: ${error.message} (${error.code})`];
  if (jobs.length === 0) return [`${environment}: no jobs`];
  return [environment, ...table(jobs, COLUMNS).map((line) => `  ${line}`), ...jobs.flatMap(detailLines)];
}

/** What does not fit in a row. */
function detailLines({ name, failureReason, best, artifact, output, violations }: Job): string[] {
  const details = {
    failed: failureReason,
    best,
    model: artifact,
    results: output,
    violations: violations && `${violations.count ?? 'some'}: ${violations.report ?? 'no report'}`,
  };
  const found = (violations?.entries ?? []).map(
    ({ feature, check, description }) => `      ${[feature, check, description].filter(Boolean).join('  ')}`,
  );
  const lines = [...pairs(details, '    '), ...found];
  return lines.length === 0 ? [] : [`  ${name}`, ...lines];
}
