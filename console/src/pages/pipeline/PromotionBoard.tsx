/** Environments from left to right: which revision each has, and what is on its way to it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import type { Environment, Execution, Pipeline, Stage } from '../../api/model.ts';
import { ENVIRONMENTS } from '../../api/model.ts';
import { executionQuery } from '../../api/queries.ts';
import type { Tone } from '../../components/Status.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';

export function PromotionBoard({ pipeline }: { pipeline: Pipeline }) {
  const { latestExecutionId = '' } = pipeline;
  const latest = useQuery({ ...executionQuery(latestExecutionId), enabled: latestExecutionId !== '' }).data;
  const stages = latest?.stages ?? pipeline.stages;
  const used = new Set([
    ...pipeline.environments.map(({ environment }) => environment),
    ...stages.flatMap(({ environment }) => environment ?? []),
  ]);
  return (
    <ol className="board" aria-label="Environments, in the order of promotion">
      {ENVIRONMENTS.filter((name) => used.has(name)).map((name) => (
        <Column key={name} name={name} pipeline={pipeline} latest={latest} />
      ))}
    </ol>
  );
}

function Column({ name, pipeline, latest }: { name: Environment; pipeline: Pipeline; latest: Execution | undefined }) {
  const has = pipeline.environments.find(({ environment }) => environment === name);
  const coming = latest && comingTo(name, latest);
  return (
    <li className="board-column" data-tone={coming?.tone}>
      <div className="row-wrap">
        <h2 className="grow">{name}</h2>
        {has?.drift && !has.drift.outdated && has.drift.status === 'Drifted' && (
          <span className="badge tone-drift">
            <TriangleAlert aria-hidden /> Drifted
          </span>
        )}
      </div>
      {has?.revision === undefined ? (
        <p className="muted">Nothing deployed</p>
      ) : (
        <div>
          <p className="board-revision">
            <span className="visually-hidden">revision </span>
            <span aria-hidden>r</span>
            {has.revision}
          </p>
          {has.deployed && (
            <p className="muted small">
              deployed <Ago at={has.deployed} />
            </p>
          )}
        </div>
      )}
      {coming && latest && (
        <p className="row-wrap small">
          <Status of={coming.status} label={coming.label} />
          <Link to="/executions/$executionId" params={{ executionId: latest.executionId }}>
            {latest.kind === 'destroy' ? 'removal' : `revision ${latest.revision}`}
          </Link>
        </p>
      )}
    </li>
  );
}

interface Coming {
  tone?: Tone;
  status: string;
  label: string;
}

/** What the latest execution is doing, or has to do, in an environment; undefined if it is done there. */
function comingTo(environment: Environment, { status, stages, approval, kind }: Execution): Coming | undefined {
  const here = stages.filter((stage) => stage.environment === environment);
  const failed = here.find((stage: Stage) => stage.status === 'Failed');
  if (failed) return { tone: 'fail', status: 'Failed', label: `${failed.name} failed` };
  if (status === 'AwaitingApproval' && approval?.environment === environment) {
    return { tone: 'wait', status: 'AwaitingApproval', label: 'Waits for approval' };
  }
  if (here.some((stage) => stage.status === 'InProgress')) {
    return { tone: 'run', status: 'InProgress', label: kind === 'destroy' ? 'Destroying' : 'Deploying' };
  }
  const goesOn = ['Queued', 'InProgress', 'AwaitingApproval'].includes(status);
  return goesOn && here.some((stage) => stage.status === 'Pending')
    ? { status: 'Pending', label: 'Next in line' }
    : undefined;
}
