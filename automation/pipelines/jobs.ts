/** The SageMaker jobs of a pipeline, environment by environment, as AWS shows them now. Nothing of them is stored. */
import type { Blueprint, JobKind, JobNames, PipelineRequest } from '../../blueprints/blueprint.ts';
import { findBlueprint } from '../../blueprints/registry.ts';
import { stageValues } from '../../blueprints/request/stage-values.ts';
import type { Cloud } from '../aws/cloud.ts';
import type { Job, JobPage } from '../aws/job-calls.ts';
import type { Environment, EnvironmentName } from '../config/environments.ts';
import type { Pipelines } from './pipelines.ts';

/** The response must be sent within the 30 s after which API Gateway gives up. */
const PATIENCE_MS = 15_000;

export interface JobsFilter {
  environment?: EnvironmentName;
  kind?: JobKind;
  /** Maximum number of jobs of each environment. */
  limit: number;
  /** `next` of an environment on the previous page: only jobs created before this time. */
  after?: string;
}

export interface EnvironmentJobs {
  environment: EnvironmentName;
  /** Newest first. */
  jobs: Job[];
  /** Present if there may be older ones: pass it as `after`. */
  next?: string;
  /** Why this environment has no answer; the others are not affected. */
  error?: { code: string; message: string };
}

export interface PipelineJobs {
  pipelineId: string;
  environments: EnvironmentJobs[];
}

/** Part of the service that the HTTP API calls. */
export interface JobCalls {
  /** @throws OrchestratorError `PIPELINE_NOT_FOUND` */
  jobs(pipelineId: string, filter: JobsFilter): Promise<PipelineJobs>;
}

export interface JobsDependencies {
  pipelines: Pick<Pipelines, 'get'>;
  /** Environments that may have stacks of a pipeline. */
  environmentsOf: (pipelineId: string, blueprint: Blueprint) => Promise<readonly EnvironmentName[]>;
  /** @throws OrchestratorError `ENVIRONMENT_NOT_CONFIGURED` */
  environment: (name: EnvironmentName) => Environment;
  cloud: Pick<Cloud, 'jobs'>;
  /** How long AWS may take. Default: 15 s. */
  patienceMs?: number;
}

export class Jobs implements JobCalls {
  readonly #parts: JobsDependencies;

  constructor(parts: JobsDependencies) {
    this.#parts = parts;
  }

  async jobs(pipelineId: string, filter: JobsFilter): Promise<PipelineJobs> {
    const { pipelines, environmentsOf } = this.#parts;
    const { pipelineType, request } = await pipelines.get(pipelineId);
    const blueprint = findBlueprint(pipelineType);
    if (!blueprint?.jobs) return { pipelineId, environments: [] };
    const { jobs } = blueprint;
    const environments = (await environmentsOf(pipelineId, blueprint)).filter(
      (one) => filter.environment === undefined || one === filter.environment,
    );
    return {
      pipelineId,
      environments: await Promise.all(
        environments.map(async (environment) => {
          const names = jobs(stageValues(blueprint, request as PipelineRequest, environment), pipelineId);
          return await this.#inEnvironment(pipelineId, environment, names, filter);
        }),
      ),
    };
  }

  async #inEnvironment(
    pipelineId: string,
    name: EnvironmentName,
    names: readonly JobNames[],
    { kind, limit, after }: JobsFilter,
  ): Promise<EnvironmentJobs> {
    const { cloud, environment, patienceMs = PATIENCE_MS } = this.#parts;
    const signal = AbortSignal.timeout(patienceMs);
    try {
      const where = environment(name);
      const asked = names
        .filter((one) => kind === undefined || one.kind === kind)
        .map((one) => ({ ...one, pipelineId, limit, ...(after === undefined ? {} : { before: after }) }));
      const pages = await Promise.all(asked.map((query) => cloud.jobs(where, query, signal)));
      return { environment: name, ...merged(pages, limit) };
    } catch (error) {
      if (signal.aborted) {
        const message = `AWS did not answer within ${patienceMs / 1_000} s. Ask again, or for fewer jobs with limit.`;
        return { environment: name, jobs: [], error: { code: 'TIMED_OUT', message } };
      }
      const { code, name: awsName, message } = error as Error & { code?: string };
      return { environment: name, jobs: [], error: { code: code ?? awsName, message } };
    }
  }
}

/** Jobs of several kinds, newest first. Where one kind was looked at only so far, older ones of another wait for the next page. */
function merged(pages: readonly JobPage[], limit: number): Pick<EnvironmentJobs, 'jobs' | 'next'> {
  const all = pages.flatMap(({ jobs }) => jobs).toSorted((a, b) => b.created.localeCompare(a.created));
  const until = pages
    .flatMap(({ next }) => next ?? [])
    .toSorted()
    .at(-1);
  const complete = until === undefined ? all : all.filter(({ created }) => created >= until);
  const jobs = complete.slice(0, limit);
  const next = complete.length > limit ? jobs.at(-1)?.created : until;
  return { jobs, ...(next === undefined ? {} : { next }) };
}
