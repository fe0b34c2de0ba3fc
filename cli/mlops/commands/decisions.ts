/** Commands about one execution, or the latest of a pipeline: watch, approve, reject, cancel, retry. */
import type { Command } from 'commander';
import type { Execution } from '../../../client/model.ts';
import { answerOf } from '../client.ts';
import type { Call, Commands } from '../command.ts';
import { examples } from '../command.ts';
import { executionLines } from '../describe.ts';
import { UsageError } from '../exit-codes.ts';
import { executionIdOf, executionOf, outcomeOf, watch } from '../watch.ts';

interface WatchOptions {
  watch?: true;
}

interface DecisionOptions extends WatchOptions {
  env?: string;
  change?: string;
  reason?: string;
}

const EXECUTION = ['<execution>', 'id of an execution, or of a pipeline: its latest execution'] as const;
const WATCH = [
  '-w, --watch',
  'wait until it has ended or waits for approval, with progress on standard error',
] as const;

export function addDecisions(program: Command, commands: Commands): void {
  program
    .command('watch')
    .description('Follow an execution until it has ended or waits for approval.')
    .argument(...EXECUTION)
    .addHelpText(
      'after',
      examples(
        'mlops watch mlops-pipeline-my-model-byompipelinerealtimebuiltin',
        'mlops watch 3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11',
      ),
    )
    .action(
      commands.action(async ({ api, output, say }, id = '') => {
        const execution = await watch(api, await executionIdOf(api, id), say);
        output.show(execution, executionLines);
        return outcomeOf(execution);
      }),
    );
  for (const [name, decision, description] of [
    ['approve', 'Approved', 'Approve the change that an execution waits with: "mlops show <execution>" shows it.'],
    ['reject', 'Rejected', 'Reject the change that an execution waits with; --reason is required.'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument(...EXECUTION)
      .option('--env <environment>', 'only if this environment is what it waits for')
      .option('--change <hash>', 'only if this is still the change; default: the current one')
      .option('--reason <text>', 'kept with the execution')
      .option(...WATCH)
      .addHelpText('after', examples(`mlops ${name} 3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11 --reason "Tested in dev."`))
      .action(commands.action<DecisionOptions>(async (call, id = '') => await decide(call, id, decision)));
  }
  for (const [name, path, description] of [
    ['cancel', '/executions/{id}/cancel', 'Cancel an execution, or stop what it is doing.'],
    ['retry', '/executions/{id}/retry', 'Continue an execution from the stage that failed or was interrupted.'],
  ] as const) {
    program
      .command(name)
      .description(description)
      .argument(...EXECUTION)
      .option(...WATCH)
      .addHelpText('after', examples(`mlops ${name} 3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11 --watch`))
      .action(
        commands.action<WatchOptions>(async (call, id = '') => {
          const params = { path: { id: await executionIdOf(call.api, id) } };
          return await report(call, await answerOf(call.api.POST(path, { params })));
        }),
      );
  }
}

async function decide(call: Call<DecisionOptions>, given: string, decision: 'Approved' | 'Rejected'): Promise<number> {
  const { env, change, reason } = call.options;
  if (decision === 'Rejected' && !reason?.trim()) {
    throw new UsageError('--reason is required to reject: the requester has to know why.');
  }
  const id = await executionIdOf(call.api, given);
  const { approval, status } = await executionOf(call.api, id);
  if (!approval) throw new UsageError(`Execution ${id} is ${status}: it does not wait for approval.`);
  if (env !== undefined && env !== approval.environment) {
    throw new UsageError(`Execution ${id} waits for approval of ${approval.environment}, not of --env ${env}.`);
  }
  const params = { path: { id, environment: approval.environment } };
  const changeHash = change ?? approval.changeHash;
  const body = { decision, changeHash, ...(reason === undefined ? {} : { comment: reason }) };
  const execution = await answerOf(call.api.POST('/executions/{id}/approvals/{environment}', { params, body }));
  return await report(call, execution);
}

/** Prints the execution as it is now; with `--watch`, how it ended. */
async function report({ api, options, output, say }: Call<WatchOptions>, now: Execution): Promise<number> {
  const execution = options.watch ? await watch(api, now.executionId, say) : now;
  output.show(execution, executionLines);
  return options.watch ? outcomeOf(execution) : 0;
}
