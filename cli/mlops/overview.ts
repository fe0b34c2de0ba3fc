/** What `mlops --help` shows: the commands by what people are about to do, each in one line of a terminal with 80 columns. */
import type { Command, Help } from 'commander';

const GROUPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'On this machine:': {
    sandbox: 'start the service here, with a simulated AWS',
    demo: 'see pipelines being provisioned, in a passing sandbox',
    console: 'open the web console of a service on AWS',
    completion: 'complete commands and flags in a shell',
  },
  'Requests:': {
    types: 'pipeline types, or the example request of one',
    init: 'write a request file, with every key explained',
    validate: 'validate a request',
    preview: 'what a request would change',
    provision: 'provision a pipeline, or a new revision of it',
  },
  'Pipelines:': {
    list: 'all pipelines',
    show: 'a pipeline or an execution',
    status: 'the stages of the latest execution',
    outputs: 'stack outputs, such as the inference URL',
    invoke: 'send a payload to the model',
    jobs: 'SageMaker jobs: metrics, results, failures',
    revisions: 'the requests so far',
    diff: 'how one revision differs from another',
    rollback: 'deploy an older revision',
    run: 'run the job of an unchanged request again',
    history: 'updates of the stacks',
    drift: 'changes that were made outside Pulumi',
    protect: 'protect it from being destroyed',
    unprotect: 'lift the protection',
    destroy: 'destroy it in all environments',
    card: 'the model card, drafted from what is known',
  },
  'Executions:': {
    executions: 'all executions',
    watch: 'follow one to its end',
    approvals: 'what waits for approval',
    approve: 'approve a change',
    reject: 'reject a change, with a reason',
    cancel: 'cancel or stop one',
    retry: 'continue from the stage that failed',
  },
  'Records:': {
    audit: 'who did what',
    notifications: 'what was sent, and whether it arrived',
    resend: 'send a notification again',
    deliveries: 'configuration files that arrived',
    redeliver: 'process a configuration file again',
    cards: 'model cards, and their versions',
  },
};

/** Only the names of commands, with their arguments: flags and other names are in the help of each. */
export const HELP: Partial<Help> = {
  showGlobalOptions: true,
  subcommandTerm: (command) =>
    [
      command.name(),
      ...command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`)),
    ].join(' '),
};

/** @throws Error for a command that has no place here, or a place without a command */
export function arrange(program: Command): void {
  const left = new Map(program.commands.map((command) => [command.name(), command]));
  for (const [heading, commands] of Object.entries(GROUPS)) {
    for (const [name, summary] of Object.entries(commands)) {
      const command = left.get(name);
      if (!command) throw new Error(`there is no command ${name}`);
      command.summary(summary).helpGroup(heading);
      left.delete(name);
    }
  }
  if (left.size > 0) throw new Error(`not in the overview: ${[...left.keys()].join(', ')}`);
}
