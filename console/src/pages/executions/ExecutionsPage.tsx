/** Executions of all pipelines, newest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Activity } from 'lucide-react';
import type { ExecutionFilter } from '../../api/queries.ts';
import { executionsQuery } from '../../api/queries.ts';
import { Button } from '../../components/Button.tsx';
import { ListView } from '../../components/ListView.tsx';
import { Page } from '../../components/Page.tsx';
import { ANY, Select } from '../../components/Select.tsx';
import { Empty } from '../../components/States.tsx';
import { labelOf } from '../../components/Status.tsx';
import { KINDS, STATUSES } from '../search.ts';
import { ExecutionTable } from './ExecutionTable.tsx';

export function ExecutionsPage() {
  const filter = useSearch({ from: '/executions/' });
  const navigate = useNavigate({ from: '/executions/' });
  const query = useInfiniteQuery(executionsQuery(filter));
  const narrow = (change: ExecutionFilter) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  return (
    <Page title="Executions">
      <div className="toolbar" role="search">
        <Select
          label="Status"
          choices={[{ id: ANY, label: 'Any status' }, ...STATUSES.map((id) => ({ id, label: labelOf(id) }))]}
          value={filter.status ?? ANY}
          onChange={(id) => narrow({ status: STATUSES.find((status) => status === id) })}
        />
        <Select
          label="Kind"
          choices={[{ id: ANY, label: 'Any kind' }, ...KINDS.map((id) => ({ id, label: id }))]}
          value={filter.kind ?? ANY}
          onChange={(id) => narrow({ kind: KINDS.find((kind) => kind === id) })}
        />
      </div>
      <div className="card">
        <ListView
          query={query}
          what="executions"
          empty={
            <Empty icon={Activity} title="No executions">
              {filter.status || filter.kind ? (
                <Button onPress={() => void navigate({ search: {} })}>Show all executions</Button>
              ) : (
                <p>Every request that changes a pipeline appears here as an execution.</p>
              )}
            </Empty>
          }
        >
          {(executions) => <ExecutionTable executions={executions} withPipeline />}
        </ListView>
      </div>
    </Page>
  );
}
