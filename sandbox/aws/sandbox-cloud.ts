/** The sandbox accounts without Pulumi: replaces the AWS calls that the service makes in production. */
import type { Cloud, EndpointDescription } from '../../automation/aws/cloud.ts';
import type { JobPage, JobQuery } from '../../automation/aws/job-calls.ts';
import type { ModelCardCalls } from '../../automation/aws/model-card-calls.ts';
import type { ModelPackageDescription } from '../../automation/aws/model-package.ts';
import { ANSWER_BYTES } from '../../automation/aws/cloud.ts';
import type { Environment } from '../../automation/config/environments.ts';
import type { PreflightFinding } from '../../automation/model.ts';
import type { Need } from '../../blueprints/needs.ts';
import type { SandboxAwsSettings } from '../config.ts';
import type { Properties } from '../provider.ts';
import { alarmsInAlarm } from './alarms.ts';
import { ROLE_ARN, callerIn } from './assume-role.ts';
import { AwsRefusal, namedByCode } from './aws-errors.ts';
import { Faults, strike } from './faults.ts';
import { fenceSessions, refuseFenced } from './fence.ts';
import { infer } from './inference.ts';
import { JOB_TOKENS, jobsIn } from './jobs.ts';
import { modelCardsOf } from './model-cards.ts';
import { scopeOf } from './partitions.ts';
import type { Scope } from './partitions.ts';
import { isAbsent, same, text, withoutContent } from './properties.ts';
import { findType } from './registry.ts';
import { deleteResource } from './lifecycle.ts';
import type { ResourceType } from './resource-type.ts';
import { scheduleStatus, stopSchedule } from './schedules.ts';
import { sandboxPackage, sandboxPreflight } from './sandbox-preflight.ts';
import { ENDPOINT } from './services/sagemaker.ts';
import type { Store, StoredResource } from './store.ts';
import { placeOf, statusOf } from './store.ts';

export class SandboxCloud implements Cloud {
  private readonly settings: SandboxAwsSettings;
  private readonly store: Store;
  private readonly faults: Faults;

  constructor(settings: SandboxAwsSettings, store: Store) {
    this.settings = settings;
    this.store = store;
    this.faults = new Faults(settings.faults, settings.directory);
  }

  async describeEndpoint(environment: Environment, endpointName: string): Promise<EndpointDescription | undefined> {
    const place = placeOf({ token: ENDPOINT }, this.scope(environment, {}));
    const found = await this.store.read(place, endpointName);
    if (!found) return undefined;
    return {
      endpointName: found.id,
      status: statusOf(found),
      endpointConfigName: text(found.inputs, 'endpointConfigName'),
      ...(found.failureReason !== undefined && { failureReason: found.failureReason }),
    };
  }

  async preflight(environment: Environment, needs: readonly Need[]): Promise<PreflightFinding[]> {
    return sandboxPreflight(environment, needs, this.settings);
  }

  async describeModelPackage(environment: Environment, arn: string): Promise<ModelPackageDescription | undefined> {
    callerIn(environment, this.settings);
    return sandboxPackage(arn, this.settings);
  }

  /** Struck by faults of operation `invoke` on endpoints. */
  async invokeEndpoint(
    environment: Environment,
    endpointName: string,
    { body }: { body: string },
    signal: AbortSignal,
  ): Promise<{ body: string; contentType: string }> {
    return await namedByCode(async () => {
      const fault = await this.faults.take('invoke', ENDPOINT, endpointName);
      if (fault) await strike(fault, signal);
      const answer = await infer(this.store, this.scope(environment, {}), endpointName, body);
      return { body: answer.slice(0, ANSWER_BYTES), contentType: 'text/csv' };
    });
  }

  async monitoringScheduleStatus(environment: Environment, name: string): Promise<string | undefined> {
    return await scheduleStatus(this.store, this.scope(environment, {}), name);
  }

  async deleteEndpoint(environment: Environment, endpointName: string): Promise<void> {
    const { store, faults } = this;
    const type = findType(ENDPOINT);
    const scope = this.scope(environment, {});
    const found = type && (await store.read(placeOf(type, scope), endpointName));
    if (!type || !found) return;
    const { speed } = this.settings;
    const signal = new AbortController().signal;
    await namedByCode(() => deleteResource({ type, urn: found.urn, scope, store, signal, speed, faults }, found));
  }

  async stopMonitoringSchedule(environment: Environment, name: string): Promise<void> {
    const { callerArn } = callerIn(environment, this.settings);
    await namedByCode(() => refuseFenced(this.settings.directory, callerArn, 'sagemaker:StopMonitoringSchedule'));
    await stopSchedule(this.store, this.scope(environment, {}), name, this.settings.speed);
  }

  async alarmsInAlarm(environment: Environment, names: readonly string[]): Promise<string[]> {
    return await alarmsInAlarm(this.settings.directory, this.scope(environment, {}), names);
  }

  /** Struck by faults of operation `read` on jobs and schedules. */
  async jobs(environment: Environment, query: JobQuery, signal: AbortSignal): Promise<JobPage> {
    return await namedByCode(async () => {
      const fault = await this.faults.take('read', JOB_TOKENS[query.kind], query.names[0] ?? '');
      if (fault) await strike(fault, signal);
      return await jobsIn(this.store, this.scope(environment, {}), query, this.settings.speed);
    });
  }

  modelCards(environment: Environment): ModelCardCalls {
    return modelCardsOf(this.store, this.scope(environment, {}), this.settings.speed);
  }

  /** The fence role is there with every deployment role, unless `SANDBOX_MISSING` names it. */
  async writeFence({ deploymentRoleArn }: Environment, sessions: readonly string[]): Promise<{ refused?: string }> {
    const fenceRole = `${deploymentRoleArn}-fence`;
    const [, , accountId = '', role = ''] = ROLE_ARN.exec(deploymentRoleArn) ?? [];
    if (this.settings.missing.includes(fenceRole)) {
      return { refused: `AccessDenied: not authorized to perform: sts:AssumeRole on resource: ${fenceRole}` };
    }
    await fenceSessions(this.settings.directory, accountId, role, sessions);
    return {};
  }

  async isFenced(environment: Environment, session: string): Promise<boolean> {
    const { callerArn } = callerIn({ ...environment, sessionName: session }, this.settings);
    try {
      await refuseFenced(this.settings.directory, callerArn, 'sagemaker:DescribeEndpoint');
      return false;
    } catch (error) {
      if (error instanceof AwsRefusal) return true;
      throw error;
    }
  }

  /**
   * @returns the id in the form that an import takes: for most types the id in the state, for a child that is unique
   *   in its parent only (a stage, a permission) `parent/child`. Where several match, the newest.
   */
  async findCreated(
    environment: Environment,
    type: string,
    inputs: Record<string, unknown>,
  ): Promise<string | undefined> {
    const known = findType(type);
    if (!known) return undefined;
    const wanted = JSON.parse(JSON.stringify(inputs)) as Properties;
    const scope = this.scope(environment, wanted);
    const found = (await this.byKey(known, scope, wanted)) ?? (await this.bySearch(known, scope, wanted));
    if (!found) return undefined;
    // Role names differ from their key in case only; the id is the one that AWS would show.
    return found.key.toLowerCase() === found.id.toLowerCase() ? found.id : found.key;
  }

  private async byKey(type: ResourceType, scope: Scope, wanted: Properties): Promise<StoredResource | undefined> {
    const { identity } = type;
    return identity.kind === 'derived' ? this.store.read(placeOf(type, scope), identity.key(wanted, scope)) : undefined;
  }

  private async bySearch(type: ResourceType, scope: Scope, wanted: Properties): Promise<StoredResource | undefined> {
    const { identity } = type;
    const namedByAws = type.autoName?.conflictsWith?.filter((key) => !isAbsent(wanted[key])) ?? [];
    // A derived key that was not found is not there, unless AWS chose the name from a prefix.
    if (identity.kind === 'derived' && namedByAws.length === 0) return undefined;
    const keys = identity.kind === 'assigned' ? identity.searchBy : Object.keys(wanted);
    const sought = withoutContent(wanted);
    const all = await this.store.list(placeOf(type, scope));
    return all
      .filter((each) => keys.every((key) => same(each.inputs[key], sought[key])))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt))[0];
  }

  /** @throws AwsRefusal where the environment's role may not be assumed */
  private scope(environment: Environment, inputs: Properties): Scope {
    const region = environment.region || this.settings.region;
    const { accountId } = callerIn(environment, this.settings);
    return scopeOf(accountId, text(inputs, 'region') || region);
  }
}
