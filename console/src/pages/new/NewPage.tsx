/** A new request: the type first, then its form. `from` fills it in with the request of a pipeline. */
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { pipelineQuery, pipelineTypesQuery } from '../../api/queries.ts';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Empty } from '../../components/States.tsx';
import { RequestEditor } from './RequestEditor.tsx';
import { TypeChooser } from './TypeChooser.tsx';

export function NewPage() {
  const { type, from } = useSearch({ from: '/new' });
  const types = useQuery(pipelineTypesQuery);
  const pipeline = useQuery({ ...pipelineQuery(from ?? ''), enabled: from !== undefined, refetchInterval: false });
  const pipelineType = type ?? pipeline.data?.pipelineType;
  if (!pipelineType && from === undefined) {
    return (
      <Page title="New pipeline">
        <QueryView query={types} what="the pipeline types">
          {(known) => <TypeChooser types={known} />}
        </QueryView>
      </Page>
    );
  }
  if (!types.data || (from !== undefined && !pipeline.data)) {
    return (
      <Page title="New pipeline">
        <QueryView query={types} what="the pipeline types">
          {() => (
            <QueryView query={pipeline} what="the pipeline">
              {() => null}
            </QueryView>
          )}
        </QueryView>
      </Page>
    );
  }
  const found = types.data.find((each) => each.pipelineType === pipelineType);
  if (!found) {
    return (
      <Page title="New pipeline">
        <div className="card">
          <Empty title={`There is no pipeline type ${pipelineType}`}>
            <p>The service knows: {types.data.map((each) => each.pipelineType).join(', ')}.</p>
          </Empty>
        </div>
      </Page>
    );
  }
  return (
    <RequestEditor
      key={`${found.pipelineType} ${from ?? ''}`}
      type={found}
      from={from}
      initial={pipeline.data?.request ?? { pipeline_type: found.pipelineType }}
    />
  );
}
