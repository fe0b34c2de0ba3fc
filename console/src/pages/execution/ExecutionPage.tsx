/** One execution, live: stages, what each resource is doing, errors with a way out. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { Clock3, RotateCcw, Square } from 'lucide-react';
import { lazy, Suspense, useEffect, useMemo } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import { answerOf, api } from '../../api/client.ts';
import type { ExecutionDetail } from '../../api/model.ts';
import { isUnfinished } from '../../api/model.ts';
import { executionQuery, keys } from '../../api/queries.ts';
import { Button, buttonClass } from '../../components/Button.tsx';
import { Card } from '../../components/Card.tsx';
import { Code } from '../../components/Code.tsx';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { StageErrorPanel } from '../../components/StageErrorPanel.tsx';
import { Empty, Loading } from '../../components/States.tsx';
import { Status, labelOf } from '../../components/Status.tsx';
import { Ago, Duration } from '../../components/Time.tsx';
import { announce } from '../../layout/announcer.ts';
import { useNotices } from '../../layout/notices.tsx';
import { titleOf } from '../executions/ExecutionTable.tsx';
import type { ExecutionTab } from '../search.ts';
import { EventLog } from './EventLog.tsx';
import { ResourceTree } from './ResourceTree.tsx';
import { Stages } from './Stages.tsx';
import { resourceTrees } from './resource-tree.ts';
import type { StreamState } from './use-events.ts';
import { useEvents } from './use-events.ts';

export function ExecutionPage() {
  const { executionId } = useParams({ from: '/executions/$executionId' });
  const query = useQuery(executionQuery(executionId));
  if (!query.data) {
    return (
      <Page title="Execution" crumb={{ to: '/executions', label: 'Executions' }}>
        <QueryView query={query} what="the execution">
          {() => null}
        </QueryView>
      </Page>
    );
  }
  return <Loaded execution={query.data} />;
}

function Loaded({ execution }: { execution: ExecutionDetail }) {
  const { executionId, pipelineId, status, requestedBy, created, updated, origin } = execution;
  const { events, state } = useEvents(executionId);
  useAnnouncedStatus(execution);
  const failed = execution.stages.filter(({ error }) => error);
  const title = titleOf(execution);
  return (
    <Page
      title={`${title} · ${pipelineId}`}
      heading={title}
      crumb={{ to: '/executions', label: 'Executions' }}
      facts={
        <>
          <Status of={status} />
          <Link to="/pipelines/$pipelineId" params={{ pipelineId }} className="wrap">
            {pipelineId}
          </Link>
          <span>
            <Ago at={created} /> by {requestedBy}
          </span>
          {origin && (
            <span className="wrap">
              {origin.repository}@{origin.commit.slice(0, 12)}
            </span>
          )}
          <span>
            {isUnfinished(status) ? 'for' : 'took'}{' '}
            <Duration from={created} to={isUnfinished(status) ? undefined : updated} />
          </span>
          <Liveness state={state} isUnfinished={isUnfinished(status)} />
        </>
      }
      actions={<Actions execution={execution} />}
    >
      <div className="stack">
        <section className="card" aria-label="Progress">
          <Stages execution={execution} />
        </section>
        {execution.approval && <WaitsForApproval execution={execution} />}
        {failed.map(({ name, error }) => error && <StageErrorPanel key={name} stage={name} error={error} />)}
        <Details execution={execution} events={events} />
      </div>
    </Page>
  );
}

function Liveness({ state, isUnfinished: goesOn }: { state: StreamState; isUnfinished: boolean }) {
  if (!goesOn || state === 'ended') return null;
  const text = { connecting: 'Connecting …', live: 'Live', broken: 'Connection lost, reconnecting …' }[state];
  return (
    <span className="live" data-state={state}>
      {text}
    </span>
  );
}

/** Tells screen readers when the status changes while the page is open. */
function useAnnouncedStatus({ status, stages }: ExecutionDetail): void {
  const running = stages.find((stage) => stage.status === 'InProgress')?.name;
  useEffect(() => announce(`${labelOf(status)}${running ? `: ${running}` : ''}`), [status, running]);
}

function WaitsForApproval({ execution: { approval, executionId } }: { execution: ExecutionDetail }) {
  if (!approval) return null;
  const { environment, minimumApprovers, approvedBy, requestedAt, expiresAt } = approval;
  return (
    <div className="alert alert-wait" role="group" aria-label="Approval">
      <Clock3 aria-hidden className="ink-wait" />
      <div className="alert-body">
        <h2>Waits for approval of {environment}</h2>
        <p>
          {approvedBy.length} of {minimumApprovers} {minimumApprovers === 1 ? 'approval' : 'approvals'}. Requested{' '}
          <Ago at={requestedAt} />, expires {new Date(expiresAt).toLocaleDateString('en', { dateStyle: 'medium' })}.
        </p>
        <div>
          <Link to="/approvals/$executionId" params={{ executionId }} className={buttonClass('primary')}>
            Review the change
          </Link>
        </div>
      </div>
    </div>
  );
}

const CAN_RETRY = ['Failed', 'Cancelled'];

function Actions({ execution: { executionId, pipelineId, status } }: { execution: ExecutionDetail }) {
  const client = useQueryClient();
  const notices = useNotices();
  const path = { params: { path: { id: executionId } } };
  const onSuccess = async (text: string) => {
    notices.done(text);
    await client.invalidateQueries({ queryKey: keys.execution(executionId) });
    await client.invalidateQueries({ queryKey: keys.pipeline(pipelineId) });
  };
  const cancel = useMutation({
    mutationFn: () => answerOf(api.POST('/executions/{id}/cancel', path)),
    onSuccess: () => onSuccess('The execution is being cancelled.'),
    onError: notices.failed,
  });
  const retry = useMutation({
    mutationFn: () => answerOf(api.POST('/executions/{id}/retry', path)),
    onSuccess: () => onSuccess('The execution goes on from the stage that failed.'),
    onError: notices.failed,
  });
  return (
    <>
      {CAN_RETRY.includes(status) && (
        <Button look="primary" isDisabled={retry.isPending} onPress={() => retry.mutate()}>
          <RotateCcw aria-hidden /> Retry
        </Button>
      )}
      {isUnfinished(status) && (
        <Button isDisabled={cancel.isPending} onPress={() => cancel.mutate()}>
          <Square aria-hidden /> Cancel
        </Button>
      )}
    </>
  );
}

/** The graph library is large: it is loaded when the graph is opened. */
const ResourceGraph = lazy(() => import('./ResourceGraph.tsx').then((module) => ({ default: module.ResourceGraph })));

function Details({
  execution,
  events,
}: {
  execution: ExecutionDetail;
  events: ReturnType<typeof useEvents>['events'];
}) {
  const { tab = 'resources' } = useSearch({ from: '/executions/$executionId' });
  const navigate = useNavigate({ from: '/executions/$executionId' });
  const trees = useMemo(() => resourceTrees(events), [events]);
  const none = (
    <Empty title="No resources yet">
      <p>They appear here as soon as a stage works on them.</p>
    </Empty>
  );
  return (
    <Tabs
      selectedKey={tab}
      onSelectionChange={(key) => void navigate({ search: { tab: key as ExecutionTab }, replace: true })}
    >
      <TabList className="tab-list" aria-label="Details of the execution">
        <Tab id="resources" className="tab">
          Resources
        </Tab>
        <Tab id="graph" className="tab">
          Graph
        </Tab>
        <Tab id="events" className="tab">
          Events
        </Tab>
        <Tab id="request" className="tab">
          Request
        </Tab>
      </TabList>
      <TabPanel id="resources" className="tab-panel stack">
        {trees.length === 0 && <div className="card">{none}</div>}
        {trees.map(({ stage, roots, done, total }) => (
          <Card
            key={stage}
            title={stage}
            flush
            aside={
              <span className="muted small">
                {done} of {total} done
              </span>
            }
          >
            <ResourceTree roots={roots} label={`Resources of ${stage}`} />
          </Card>
        ))}
      </TabPanel>
      <TabPanel id="graph" className="tab-panel stack">
        {trees.length === 0 && <div className="card">{none}</div>}
        <Suspense fallback={<Loading what="the graph" />}>
          {tab === 'graph' &&
            trees.map(({ stage, roots, total }) => (
              <Card key={stage} title={stage} flush aside={<span className="muted small">{total} resources</span>}>
                <ResourceGraph
                  roots={roots}
                  pipelineId={execution.pipelineId}
                  environment={execution.stages.find(({ name }) => name === stage)?.environment}
                  label={`Graph of the resources of ${stage}`}
                />
              </Card>
            ))}
        </Suspense>
      </TabPanel>
      <TabPanel id="events" className="tab-panel">
        <div className="card">
          <EventLog events={events} />
        </div>
      </TabPanel>
      <TabPanel id="request" className="tab-panel">
        <Code what="the request" text={JSON.stringify(execution.request, null, 2)} />
      </TabPanel>
    </Tabs>
  );
}
