/** Changes that AWS cannot make to an endpoint in place: found in the preview, before a deployment would fail halfway. */
import type { DeployedConflict, DeployedResource, PipelineRequest } from '../blueprint.ts';
import type { EndpointOwner } from './endpoint-name.ts';
import { endpointNameOf, ownAlarmNames } from './endpoint-name.ts';
import type { RealtimeRequest } from './request.ts';

const ENDPOINT = 'aws:sagemaker/endpoint:Endpoint';
const CONFIG = 'aws:sagemaker/endpointConfiguration:EndpointConfiguration';
const TARGET = 'aws:appautoscaling/target:Target';

type Mode = 'real-time' | 'serverless' | 'asynchronous';
const NEW_NAME =
  'Set endpoint_name to a name that is not in use: the new endpoint is created first, then the old one is deleted';

interface Change {
  request: RealtimeRequest;
  endpoint: DeployedResource;
  config: DeployedResource;
  deployed: readonly DeployedResource[];
}

/**
 * None if the endpoint gets another name: then a new one is created before the old one is deleted.
 * @param deployed resources of the stack as they were last deployed
 */
export function endpointConflicts(
  body: PipelineRequest,
  deployed: readonly DeployedResource[],
  { monitors = [], failed, ...owner }: EndpointOwner & { monitors?: readonly string[]; failed?: string },
): DeployedConflict[] {
  const request = body as unknown as RealtimeRequest;
  const endpoint = deployed.find(({ type }) => type === ENDPOINT);
  const config = deployed.find(({ type, id }) => type === CONFIG && id === endpoint?.inputs.endpointConfigName);
  if (!endpoint || !config) return [];
  const name = endpointNameOf(request, owner);
  const renamed = name === undefined ? !isGenerated(endpoint) : name !== endpoint.id;
  if (renamed) return monitorConflict(endpoint, monitors);
  // It is deleted and created again, whatever changes.
  if (failed === endpoint.id) return name === undefined ? failedConflict(endpoint, monitors) : [];
  const change = { request, endpoint, config, deployed };
  // With a generated name the new endpoint can exist along with the old one; changed alarms replace it anyway.
  const replaceable = name === undefined;
  const alarms = replaceable ? undefined : alarmConflict(change);
  const messages = [modeConflict(change) ?? instanceConflict(change), alarms].filter((one) => one !== undefined);
  const monitored = replaceable && messages.length > 0 ? monitorConflict(endpoint, monitors) : [];
  if (monitored.length > 0) return monitored;
  return messages.map((message) => ({ subject: endpoint.id, message, replaceable }));
}

/** Whether the provider has chosen the name, and keeps it. */
function isGenerated({ inputs }: DeployedResource): boolean {
  return !Array.isArray(inputs.__defaults) || inputs.__defaults.includes('name');
}

/** The new endpoint has another name: monitors would go on looking for the deleted one. */
function monitorConflict({ id }: DeployedResource, monitors: readonly string[]): DeployedConflict[] {
  if (monitors.length === 0) return [];
  const message =
    `/endpoint_name: This change replaces the endpoint ${id}, which ${watchers(monitors)}, by ` +
    'one of another name. Delete the monitors first (DELETE /pipelines/{id}), then send this request, and then the ' +
    'requests of the monitors with the new endpoint_name.';
  return [{ subject: id, message, replaceable: false }];
}

/** The one that is created for a failed endpoint is given another name, unless the request gives it the old one. */
function failedConflict({ id }: DeployedResource, monitors: readonly string[]): DeployedConflict[] {
  if (monitors.length === 0) return [];
  const message =
    `/endpoint_name: The endpoint ${id} is in state Failed, so it is deleted and created again, with another generated name, but ` +
    `${watchers(monitors)} ${id}. Set endpoint_name to "${id}" in this request and later ones: the endpoint keeps the name. ` +
    'Or delete the monitors first (DELETE /pipelines/{id}), and send their requests again with the new endpoint_name.';
  return [{ subject: id, message, replaceable: false }];
}

const watchers = (monitors: readonly string[]): string =>
  `${monitors.join(', ')} monitor${monitors.length === 1 ? 's' : ''}`;

/**
 * UpdateEndpoint moves an endpoint to another configuration of the same kind only.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
 */
function modeConflict({ request, config, endpoint }: Change): string | undefined {
  const [from, to] = [deployedMode(config), wantedMode(request)];
  if (from === to) return undefined;
  const key = to === 'real-time' ? '/endpoint' : `/endpoint/${to}`;
  return `${key}: SageMaker cannot convert the ${from} endpoint ${endpoint.id} to ${article(to)} ${to} endpoint. ${NEW_NAME}.`;
}

const article = (mode: Mode): string => (mode === 'asynchronous' ? 'an' : 'a');

/**
 * An instance type changes only while no scalable target is registered for the variant.
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-edit.html
 */
function instanceConflict({ request, config, endpoint, deployed }: Change): string | undefined {
  const { instanceType } = variantOf(config);
  const scales = deployed.some(({ type, id }) => type === TARGET && id.startsWith(`endpoint/${endpoint.id}/`));
  if (!scales || wantedMode(request) === 'serverless' || instanceType === request.inference_instance) return undefined;
  return (
    `/inference_instance: SageMaker rejects a change of the instance type (${String(instanceType)} → ${request.inference_instance}) while ` +
    `endpoint.autoscaling of ${endpoint.id} is active. Send the request with ${String(instanceType)} and without ` +
    `endpoint.autoscaling first, then with both. Or: ${NEW_NAME}.`
  );
}

/** The alarms that roll an endpoint back are chosen when it is created; the provider replaces it, and its name is in use. */
function alarmConflict({ request, endpoint }: Change): string | undefined {
  const { deployment } = request.endpoint ?? {};
  const deployedAlarms = alarmsOf(endpoint);
  const wanted = deployment ? (deployment.alarms ?? ownAlarmNames(endpoint.id)) : [];
  if (deployedAlarms.length === 0 && wanted.length === 0) return undefined;
  if (deployedAlarms.toSorted().join() === wanted.toSorted().join()) return undefined;
  return `/endpoint/deployment: The rollback alarms of ${endpoint.id} cannot be changed in place. ${NEW_NAME}.`;
}

function alarmsOf({ inputs }: DeployedResource): string[] {
  const { deploymentConfig } = inputs as {
    deploymentConfig?: { autoRollbackConfiguration?: { alarms?: { alarmName: string }[] } };
  };
  return (deploymentConfig?.autoRollbackConfiguration?.alarms ?? []).map(({ alarmName }) => alarmName);
}

function variantOf({ inputs }: DeployedResource): { instanceType?: unknown; serverlessConfig?: unknown } {
  const { productionVariants = [] } = inputs as { productionVariants?: Record<string, unknown>[] };
  return productionVariants[0] ?? {};
}

function deployedMode(config: DeployedResource): Mode {
  if (variantOf(config).serverlessConfig) return 'serverless';
  return config.inputs.asyncInferenceConfig ? 'asynchronous' : 'real-time';
}

function wantedMode({ endpoint }: RealtimeRequest): Mode {
  if (endpoint?.serverless) return 'serverless';
  return endpoint?.asynchronous ? 'asynchronous' : 'real-time';
}
