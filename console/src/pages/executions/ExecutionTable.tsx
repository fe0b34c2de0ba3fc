import { Link } from '@tanstack/react-router';
import type { Execution } from '../../api/model.ts';
import { Status } from '../../components/Status.tsx';
import { Ago, Duration } from '../../components/Time.tsx';
import { isUnfinished } from '../../api/model.ts';

export function ExecutionTable({
  executions,
  withPipeline = false,
}: {
  executions: readonly Execution[];
  /** Whether they are of several pipelines. */
  withPipeline?: boolean;
}) {
  return (
    <div className="table-scroll">
      <table className="table table-cards">
        <caption className="visually-hidden">Executions, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Execution</th>
            {withPipeline && <th scope="col">Pipeline</th>}
            <th scope="col">Status</th>
            <th scope="col">Requested by</th>
            <th scope="col">Started</th>
            <th scope="col">Duration</th>
          </tr>
        </thead>
        <tbody>
          {executions.map((execution) => (
            <tr key={execution.executionId}>
              <td>
                <Link
                  to="/executions/$executionId"
                  params={{ executionId: execution.executionId }}
                  className="main-link"
                >
                  {titleOf(execution)}
                  <span className="visually-hidden"> of {execution.pipelineId}</span>
                </Link>
              </td>
              {withPipeline && (
                <td data-label="Pipeline">
                  <Link to="/pipelines/$pipelineId" params={{ pipelineId: execution.pipelineId }} className="wrap">
                    {execution.pipelineId}
                  </Link>
                </td>
              )}
              <td data-label="Status">
                <Status of={execution.status} />
              </td>
              <td data-label="Requested by" className="wrap">
                {execution.requestedBy}
              </td>
              <td data-label="Started" className="muted small">
                <Ago at={execution.created} />
              </td>
              <td data-label="Duration" className="muted small">
                <Duration
                  from={execution.created}
                  to={isUnfinished(execution.status) ? undefined : execution.updated}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const VERBS: Record<Execution['kind'], string> = {
  provision: 'Provision',
  run: 'Run',
  rollback: 'Roll back to',
  reconcile: 'Reconcile',
  destroy: 'Destroy',
};

/** Such as "Provision r3". */
export function titleOf({ kind, revision }: Pick<Execution, 'kind' | 'revision'>): string {
  return `${VERBS[kind]} r${revision}`;
}
