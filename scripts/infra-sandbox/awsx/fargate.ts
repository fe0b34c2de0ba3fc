/** `awsx:ecs:FargateService` and the task definition inside it. */
import type { Properties, Property } from '../../../sandbox/provider.ts';
import { ProviderError } from '../../../sandbox/provider.ts';
import type { Construction, Made } from './construction.ts';
import { jsonOf, list, record, textOf } from './values.ts';

/** Inputs of the component that are not the service's. */
const NOT_OF_SERVICE = ['taskDefinitionArgs', 'continueBeforeSteadyState', 'assignPublicIp'];
/** Inputs of the task definition that become something else. */
const NOT_OF_TASK = ['container', 'containers', 'executionRole', 'logGroup', 'taskRole'];
const EXECUTION_POLICY = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy';

export async function constructFargateService(construction: Construction) {
  const { name, inputs, type } = construction.request;
  refuseBoth(inputs, 'taskDefinition', 'taskDefinitionArgs');
  refuseBoth(inputs, 'networkConfiguration', 'assignPublicIp');
  if (inputs['networkConfiguration'] === undefined) {
    throw new ProviderError(
      'The sandbox does not simulate the default VPC, which a Fargate service without `networkConfiguration` goes to.',
    );
  }
  const component = await construction.component(type, name);
  const task =
    inputs['taskDefinitionArgs'] && (await makeTask(construction, component, record(inputs['taskDefinitionArgs'])));
  const others = Object.fromEntries(Object.entries(inputs).filter(([key]) => !NOT_OF_SERVICE.includes(key)));
  const service = await construction.child(
    'aws:ecs/service:Service',
    name,
    {
      desiredCount: 1,
      launchType: 'FARGATE',
      waitForSteadyState: inputs['continueBeforeSteadyState'] !== true,
      ...others,
      ...(task ? { taskDefinition: task.outputs['arn'] ?? task.id } : {}),
    },
    { parent: component, dependsOn: task ? [task] : [] },
  );
  return construction.answer(component, {
    service: { value: service.reference, from: [service] },
    taskDefinition: { value: task ? task.reference : undefined, from: task ? [task] : [] },
  });
}

async function makeTask(construction: Construction, parent: Made, args: Properties): Promise<Made> {
  const { name } = construction.request;
  const containers = containersOf(args);
  const component = await construction.component('awsx:ecs:FargateTaskDefinition', name, parent);
  const log = await logGroup(construction, component, record(args['logGroup']));
  const taskRole = await role(construction, component, `${name}-task`, record(args['taskRole']));
  const executionRole = await role(construction, component, `${name}-execution`, record(args['executionRole']), true);
  const others = Object.fromEntries(Object.entries(args).filter(([key]) => !NOT_OF_TASK.includes(key)));
  const definition = await construction.child(
    'aws:ecs/taskDefinition:TaskDefinition',
    name,
    {
      family: name,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      ...others,
      taskRoleArn: taskRole.arn,
      executionRoleArn: executionRole.arn,
      containerDefinitions: jsonOf(containers.map((container) => definitionOf(container, log.options))),
    },
    { parent: component, dependsOn: [...log.made, ...taskRole.made, ...executionRole.made] },
  );
  await construction.outputs(component, { taskDefinition: definition.reference });
  return definition;
}

function containersOf(args: Properties): Properties[] {
  if ((args['container'] === undefined) === (args['containers'] === undefined)) {
    throw new ProviderError('Exactly one of [container] or [containers] must be provided');
  }
  if (args['container'] !== undefined) return [{ name: 'container', ...record(args['container']) }];
  return Object.entries(record(args['containers'])).map(([name, container]) => ({ name, ...record(container) }));
}

function definitionOf(container: Properties, logOptions: Properties | undefined): Properties {
  const portMappings = list(container['portMappings']).map((mapping) => {
    const { targetGroup: _, ...rest } = record(mapping);
    return { hostPort: rest['containerPort'] ?? null, ...rest };
  });
  return {
    ...container,
    ...(portMappings.length > 0 && { portMappings }),
    ...(logOptions &&
      container['logConfiguration'] === undefined && {
        logConfiguration: {
          logDriver: 'awslogs',
          options: { ...logOptions, 'awslogs-stream-prefix': textOf(container['name']) },
        },
      }),
  };
}

async function logGroup(
  construction: Construction,
  parent: Made,
  { skip, existing, args }: Properties,
): Promise<{ options?: Properties; made: Made[] }> {
  if (skip === true) return { made: [] };
  const { region = '' } = await construction.invoke('aws:index/getRegion:getRegion', {});
  if (existing !== undefined) {
    const { name, arn } = record(existing);
    const group = name ?? (typeof arn === 'string' ? (arn.split(':log-group:')[1] ?? '') : '');
    return { options: { 'awslogs-group': group, 'awslogs-region': region }, made: [] };
  }
  const group = await construction.child('aws:cloudwatch/logGroup:LogGroup', construction.request.name, record(args), {
    parent,
  });
  return { options: { 'awslogs-group': group.id, 'awslogs-region': region }, made: [group] };
}

async function role(
  construction: Construction,
  parent: Made,
  name: string,
  { skip, roleArn, args }: Properties,
  execution = false,
): Promise<{ arn?: Property; made: Made[] }> {
  if (skip === true) return { made: [] };
  if (roleArn !== undefined) return { arn: roleArn, made: [] };
  const { policyArns, ...given } = record(args);
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' } }],
  };
  const made = await construction.child(
    'aws:iam/role:Role',
    name,
    { assumeRolePolicy: JSON.stringify(trust), ...given },
    { parent },
  );
  const policies = policyArns === undefined ? (execution ? [EXECUTION_POLICY] : []) : list(policyArns).map(textOf);
  const attachments = policies.map((policyArn) =>
    construction.child(
      'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
      `${name}-${policyArn.slice(-8).toLowerCase()}`,
      { role: made.outputs['name'], policyArn },
      { parent, dependsOn: [made] },
    ),
  );
  return { arn: made.outputs['arn'] ?? made.id, made: [made, ...(await Promise.all(attachments))] };
}

function refuseBoth(inputs: Properties, one: string, other: string): void {
  if (inputs[one] !== undefined && inputs[other] !== undefined) {
    throw new ProviderError(`Only one of \`${one}\` or \`${other}\` can be provided.`);
  }
}
