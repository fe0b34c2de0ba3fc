import Joi from 'joi';
import type { EnvironmentName } from '../../automation/config/environments.ts';
import { OrchestratorError } from '../../automation/errors.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { StateDecision } from '../../automation/stacks/stack-state.ts';
import { answer } from '../answers.ts';
import { toJsonSchema } from '../json-schema.ts';
import { pipelineIdOf } from '../path-ids.ts';
import type { Route } from '../route.ts';
import { validBody } from '../bodies.ts';

const params = {
  id: 'Id of the pipeline, from the answer to POST /provisionpipeline.',
  environment: 'Where the stack is: `main`, `dev`, `staging` or `prod`.',
};

const ENVIRONMENTS: readonly string[] = ['main', 'dev', 'staging', 'prod'] satisfies EnvironmentName[];

const decisionBody = Joi.object<{ decision: StateDecision; comment: string }>({
  decision: Joi.string()
    .valid('adopt', 'recreate')
    .required()
    .description(
      '`adopt`: the state that the back end has counts as the newest. `recreate`: the stack counts as never deployed, and the next deployment creates everything; what was deployed before stays in the account, unmanaged.',
    ),
  comment: Joi.string().min(1).max(1_000).required().description('Why; kept in the audit.'),
});

/** The ways out of a lost state (`STACK_NOT_FOUND`). */
export function stackStateRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/pipelines/:id/environments/:environment/state',
      role: 'admin',
      operationId: 'getStackState',
      summary: 'What the database knows to be deployed, ready for "pulumi import"',
      description: 'Save `import` as a file for `pulumi import --file` where the state of the stack is lost.',
      params,
      answers: { 200: { description: 'The deployed resources with their ids', schema: answer('DeployedState') } },
      refusals: [404, 409],
      async handle({ params: given }, response) {
        response.json(await orchestrator.stackState(pipelineIdOf(given), environmentOf(given)));
      },
    },
    {
      method: 'post',
      path: '/pipelines/:id/environments/:environment/state',
      role: 'admin',
      operationId: 'decideStackState',
      summary: 'Accept the state that the back end has of a stack, or have its resources created anew',
      description: 'After STACK_NOT_FOUND. Changes nothing in the account; the next operation on the stack goes by it.',
      params,
      body: {
        presence: 'required',
        expects: '{"decision": "adopt" or "recreate", "comment": "<why>"}',
        schema: toJsonSchema(decisionBody),
      },
      answers: { 200: { description: 'What holds from now on', schema: answer('StateDecisionAnswer') } },
      refusals: [404, 409],
      async handle({ params: given, body, caller }, response) {
        const decision = validBody(decisionBody, body);
        response.json(await orchestrator.decideStackState(pipelineIdOf(given), environmentOf(given), decision, caller));
      },
    },
  ];
}

/** @throws OrchestratorError `ENVIRONMENT_NOT_FOUND` */
function environmentOf({ environment = '' }: Readonly<Record<string, string>>): EnvironmentName {
  if (ENVIRONMENTS.includes(environment)) return environment as EnvironmentName;
  throw new OrchestratorError(
    'ENVIRONMENT_NOT_FOUND',
    `There is no environment "${environment}": environments are ${ENVIRONMENTS.join(', ')}.`,
  );
}
