import Joi from 'joi';
import type { EnvironmentName } from '../../automation/config/environments.ts';
import { OrchestratorError } from '../../automation/errors.ts';
import type { Orchestrator } from '../../automation/orchestrator.ts';
import type { StateDecision } from '../../automation/stacks/stack-state.ts';
import { answer, answers } from '../answers.ts';
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
      '`adopt`: the state in the backend counts as the latest. `recreate`: the stack counts as never deployed, and the next deployment creates everything; previously deployed resources remain in the account, unmanaged.',
    ),
  comment: Joi.string().min(1).max(1_000).required().description('Reason; stored in the audit log.'),
});

/** What is deployed, and recovery from a lost state (`STACK_NOT_FOUND`). */
export function stackStateRoutes(orchestrator: Orchestrator): Route[] {
  return [
    {
      method: 'get',
      path: '/pipelines/:id/resources',
      role: 'viewer',
      operationId: 'getResources',
      summary: 'Deployed resources of a pipeline, by environment, with their dependencies',
      params: { id: params.id },
      answers: {
        200: { description: 'The resources; empty if nothing is deployed', schema: answers('EnvironmentResources') },
      },
      refusals: [404],
      async handle({ params: given }, response) {
        response.json(await orchestrator.resources(pipelineIdOf(given)));
      },
    },
    {
      method: 'get',
      path: '/pipelines/:id/environments/:environment/state',
      role: 'admin',
      operationId: 'getStackState',
      summary: 'Resources that are deployed according to the database, in the format of "pulumi import"',
      description: 'If the state of the stack is lost, save `import` as a file for `pulumi import --file`.',
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
      summary: 'Accept the state of a stack in the backend, or have its resources created again',
      description:
        'After STACK_NOT_FOUND. Changes nothing in the account; the next operation on the stack applies the decision.',
      params,
      body: {
        presence: 'required',
        expects: '{"decision": "adopt" or "recreate", "comment": "<why>"}',
        schema: toJsonSchema(decisionBody),
      },
      answers: { 200: { description: 'The decision that applies from now on', schema: answer('StateDecisionAnswer') } },
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
