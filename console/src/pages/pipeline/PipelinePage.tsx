/** One pipeline: what it has in each environment, its revisions, executions, drift and request. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Lock } from 'lucide-react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { Pipeline } from '../../api/model.ts';
import { pipelineQuery } from '../../api/queries.ts';
import { Code } from '../../components/Code.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';
import type { PipelineTab } from '../search.ts';
import { DriftView } from './DriftView.tsx';
import { Jobs } from './Jobs.tsx';
import { Overview } from './Overview.tsx';
import { PipelineActions } from './PipelineActions.tsx';
import { PipelineExecutions } from './PipelineExecutions.tsx';
import { Revisions } from './Revisions.tsx';

export function PipelinePage() {
  const { pipelineId } = useParams({ from: '/pipelines/$pipelineId' });
  const query = useQuery(pipelineQuery(pipelineId));
  if (!query.data) {
    return (
      <Page title={pipelineId} crumb={{ to: '/', label: 'Pipelines' }}>
        <QueryView query={query} what="the pipeline">
          {() => null}
        </QueryView>
      </Page>
    );
  }
  return <Loaded pipeline={query.data} />;
}

const TABS: readonly { id: PipelineTab; label: string }[] = [
  { id: 'overview', label: 'Overview' },
  { id: 'revisions', label: 'Revisions' },
  { id: 'executions', label: 'Executions' },
  { id: 'jobs', label: 'Jobs' },
  { id: 'drift', label: 'Drift' },
  { id: 'request', label: 'Request' },
];

function Loaded({ pipeline }: { pipeline: Pipeline }) {
  const { pipelineId, pipelineType, modelName, status, revision, updated, protectedBy, request } = pipeline;
  const { tab = 'overview' } = useSearch({ from: '/pipelines/$pipelineId' });
  const navigate = useNavigate({ from: '/pipelines/$pipelineId' });
  return (
    <Page
      title={modelName}
      crumb={{ to: '/', label: 'Pipelines' }}
      facts={
        <>
          <Status of={status} />
          <span className="tag">{pipelineType}</span>
          <span>revision {revision}</span>
          <span>
            updated <Ago at={updated} />
          </span>
          {protectedBy && (
            <span className="row">
              <Lock size={13} aria-hidden /> protected by {protectedBy}
            </span>
          )}
          <span className="row">
            <code className="wrap">{pipelineId}</code>
            <CopyButton text={pipelineId} what="the id" />
          </span>
        </>
      }
      actions={<PipelineActions pipeline={pipeline} />}
    >
      <Tabs
        selectedKey={tab}
        onSelectionChange={(key) => void navigate({ search: { tab: key as PipelineTab }, replace: true })}
      >
        <TabList className="tab-list" aria-label="About this pipeline">
          {TABS.map(({ id, label }) => (
            <Tab key={id} id={id} className="tab">
              {label}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="overview" className="tab-panel">
          <Overview pipeline={pipeline} />
        </TabPanel>
        <TabPanel id="revisions" className="tab-panel">
          <Revisions pipelineId={pipelineId} />
        </TabPanel>
        <TabPanel id="executions" className="tab-panel">
          <PipelineExecutions pipelineId={pipelineId} />
        </TabPanel>
        <TabPanel id="jobs" className="tab-panel">
          <Jobs pipelineId={pipelineId} />
        </TabPanel>
        <TabPanel id="drift" className="tab-panel">
          <DriftView pipelineId={pipelineId} />
        </TabPanel>
        <TabPanel id="request" className="tab-panel">
          <Code what="the request" text={JSON.stringify(request, null, 2)} />
        </TabPanel>
      </Tabs>
    </Page>
  );
}
