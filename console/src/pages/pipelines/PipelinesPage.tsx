/** What runs where: every pipeline with its environments, revisions, drift and the status of its latest execution. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Boxes, Plus, SearchX } from 'lucide-react';
import type { PipelineFilter } from '../../api/queries.ts';
import { pipelinesQuery, pipelineTypesQuery } from '../../api/queries.ts';
import { Button, buttonClass } from '../../components/Button.tsx';
import { Checkbox } from '../../components/Checkbox.tsx';
import { Code } from '../../components/Code.tsx';
import { ListView } from '../../components/ListView.tsx';
import { Page } from '../../components/Page.tsx';
import { SearchField } from '../../components/SearchField.tsx';
import { ANY, Select } from '../../components/Select.tsx';
import { Empty } from '../../components/States.tsx';
import { labelOf } from '../../components/Status.tsx';
import { STATUSES } from '../search.ts';
import { PipelineTable } from './PipelineTable.tsx';

const STATUS_CHOICES = [
  { id: ANY, label: 'Any status' },
  ...STATUSES.map((status) => ({ id: status, label: labelOf(status) })),
];

export function PipelinesPage() {
  const filter = useSearch({ from: '/' });
  const query = useInfiniteQuery(pipelinesQuery(filter));
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  return (
    <Page
      title="Pipelines"
      actions={
        <Link to="/new" className={buttonClass('primary')}>
          <Plus aria-hidden /> New pipeline
        </Link>
      }
    >
      <Toolbar filter={filter} />
      <div className="card">
        <ListView query={query} what="pipelines" empty={isFiltered ? <NoneFound /> : <NoneYet />}>
          {(pipelines) => <PipelineTable pipelines={pipelines} />}
        </ListView>
      </div>
    </Page>
  );
}

function Toolbar({ filter }: { filter: PipelineFilter }) {
  const navigate = useNavigate({ from: '/' });
  const types = useQuery(pipelineTypesQuery);
  const narrow = (change: PipelineFilter) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  return (
    <div className="toolbar" role="search">
      <SearchField
        label="Search by name or id"
        value={filter.search ?? ''}
        onChange={(search) => narrow({ search: search || undefined })}
      />
      <Select
        label="Type"
        choices={[
          { id: ANY, label: 'All types' },
          ...(types.data ?? []).map(({ pipelineType }) => ({ id: pipelineType, label: pipelineType })),
        ]}
        value={filter.pipelineType ?? ANY}
        onChange={(id) => narrow({ pipelineType: id === ANY ? undefined : id })}
      />
      <Select
        label="Status"
        choices={STATUS_CHOICES}
        value={filter.status ?? ANY}
        onChange={(id) => narrow({ status: STATUSES.find((status) => status === id) })}
      />
      <Checkbox isSelected={filter.deleted ?? false} onChange={(deleted) => narrow({ deleted: deleted || undefined })}>
        Deleted ones too
      </Checkbox>
    </div>
  );
}

function NoneFound() {
  const navigate = useNavigate({ from: '/' });
  return (
    <Empty icon={SearchX} title="No pipeline matches">
      <p>Nothing has this name, type and status.</p>
      <Button onPress={() => void navigate({ search: {} })}>Show all pipelines</Button>
    </Empty>
  );
}

function NoneYet() {
  return (
    <Empty icon={Boxes} title="No pipelines yet">
      <p>
        A pipeline comes from a request: <Link to="/new">fill in a form</Link>, or write one with the command line.
      </p>
      <Code
        what="commands to provision a first pipeline"
        text={'npx mlops init byom_realtime_builtin my-model.yaml\nnpx mlops provision -f my-model.yaml --watch'}
      />
    </Empty>
  );
}
