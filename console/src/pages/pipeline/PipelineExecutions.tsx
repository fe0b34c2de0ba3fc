import { useInfiniteQuery } from '@tanstack/react-query';
import { pipelineExecutionsQuery } from '../../api/queries.ts';
import { ListView } from '../../components/ListView.tsx';
import { Empty } from '../../components/States.tsx';
import { ExecutionTable } from '../executions/ExecutionTable.tsx';

export function PipelineExecutions({ pipelineId }: { pipelineId: string }) {
  const query = useInfiniteQuery(pipelineExecutionsQuery(pipelineId));
  return (
    <div className="card">
      <ListView query={query} what="executions" empty={<Empty title="No executions" />}>
        {(executions) => <ExecutionTable executions={executions} />}
      </ListView>
    </div>
  );
}
