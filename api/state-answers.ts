/** Response schemas of the calls about deployed state: a part of the table in answers.ts. */
import Joi from 'joi';

const text = (description: string) => Joi.string().description(description);
const environment = Joi.string()
  .valid('main', 'dev', 'staging', 'prod')
  .description('Where the stack is: `main` in a single account.');

export const STATE_ANSWERS = {
  EnvironmentResources: Joi.object({
    environment: environment.required(),
    stack: text("`<project>/<stack>` in Pulumi's terms.").required(),
    resources: Joi.array()
      .items(
        Joi.object({
          urn: text('URN of the resource.').required(),
          type: text('Pulumi type token.').required(),
          name: text('Name in the program.').required(),
          id: text('Id in the account.').required(),
          dependencies: Joi.array().items(Joi.string()).required().description('URNs of what must exist before it.'),
        }),
      )
      .required(),
  }),
  StateDecisionAnswer: Joi.object({
    message: text('What the next operation on the stack will do.').required(),
    pipelineId: text('Id of the pipeline.').required(),
    environment: environment.required(),
    stack: text("`<project>/<stack>` in Pulumi's terms.").required(),
  }),
  DeployedState: Joi.object({
    pipelineId: text('Id of the pipeline.').required(),
    environment: environment.required(),
    stack: text("`<project>/<stack>` in Pulumi's terms.").required(),
    stateTime: Joi.string()
      .allow('')
      .required()
      .description('When the state was saved; empty after `adopt`. ISO 8601.'),
    import: Joi.object({
      resources: Joi.array()
        .items(
          Joi.object({
            type: text('Pulumi type token.').required(),
            name: text('Name in the program.').required(),
            id: text('Id in the account.').required(),
          }),
        )
        .required(),
    })
      .required()
      .description('Content of a file for `pulumi import --file`.'),
  }),
};
