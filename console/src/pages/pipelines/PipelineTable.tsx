import { Link } from '@tanstack/react-router';
import { Lock, TriangleAlert, XCircle } from 'lucide-react';
import type { Environment, PipelineSummary } from '../../api/model.ts';
import { ENVIRONMENTS } from '../../api/model.ts';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';

/** Columns for the environments that occur: one account, or dev → staging → prod. */
export function PipelineTable({ pipelines }: { pipelines: readonly PipelineSummary[] }) {
  const used = new Set(pipelines.flatMap(({ environments }) => environments.map(({ environment }) => environment)));
  const columns = ENVIRONMENTS.filter((name) => used.has(name));
  return (
    <div className="table-scroll">
      <table className="table table-cards">
        <caption className="visually-hidden">Pipelines, oldest first</caption>
        <thead>
          <tr>
            <th scope="col">Pipeline</th>
            <th scope="col">Type</th>
            {columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">Latest execution</th>
            <th scope="col">Updated</th>
          </tr>
        </thead>
        <tbody>
          {pipelines.map((pipeline) => (
            <PipelineRow key={pipeline.pipelineId} pipeline={pipeline} columns={columns} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PipelineRow({ pipeline, columns }: { pipeline: PipelineSummary; columns: readonly Environment[] }) {
  const { pipelineId, pipelineType, modelName, status, latestExecutionId, updated, protectedBy } = pipeline;
  return (
    <tr>
      <td>
        <span>
          <span className="row">
            <Link to="/pipelines/$pipelineId" params={{ pipelineId }} className="main-link">
              {modelName}
            </Link>
            {protectedBy && (
              <Lock size={13} className="ink-idle" aria-label={`protected by ${protectedBy}`} role="img" />
            )}
          </span>
          <span className="sub">{pipelineId}</span>
        </span>
      </td>
      <td data-label="Type">
        <span className="tag">{pipelineType}</span>
      </td>
      {columns.map((name) => (
        <td key={name} data-label={name}>
          <EnvironmentCell pipeline={pipeline} name={name} />
        </td>
      ))}
      <td data-label="Latest execution">
        {latestExecutionId ? (
          <Link to="/executions/$executionId" params={{ executionId: latestExecutionId }}>
            <Status of={status} />
          </Link>
        ) : (
          <Status of={status} />
        )}
      </td>
      <td data-label="Updated" className="muted small">
        <Ago at={updated} />
      </td>
    </tr>
  );
}

function EnvironmentCell({ pipeline, name }: { pipeline: PipelineSummary; name: Environment }) {
  const found = pipeline.environments.find(({ environment }) => environment === name);
  if (!found) return <span className="ink-idle">—</span>;
  const { revision, drift, lastStage } = found;
  return (
    <span className="environment-cell">
      {revision === undefined ? (
        <span className="muted">not deployed</span>
      ) : (
        <span className="revision">
          <span className="visually-hidden">revision </span>
          <span aria-hidden>r</span>
          {revision}
        </span>
      )}
      {revision !== undefined && revision < pipeline.revision && (
        <span className="badge tone-idle">behind r{pipeline.revision}</span>
      )}
      {lastStage === 'InProgress' && <Status of="InProgress" label="Deploying" />}
      {lastStage === 'Failed' && (
        <span className="badge tone-fail">
          <XCircle aria-hidden />
          Failed
        </span>
      )}
      {drift?.status === 'Drifted' && !drift.outdated && (
        <span className="badge tone-drift">
          <TriangleAlert aria-hidden />
          Drifted
        </span>
      )}
    </span>
  );
}
