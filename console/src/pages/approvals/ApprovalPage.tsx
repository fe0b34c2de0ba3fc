/** One change that waits for a decision: what it does, what it destroys, what was asked, and the decision. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { CheckCheck, RefreshCw, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Approval, ExecutionDetail } from '../../api/model.ts';
import { executionQuery } from '../../api/queries.ts';
import { buttonClass } from '../../components/Button.tsx';
import { Card } from '../../components/Card.tsx';
import { ChangeList } from '../../components/ChangeList.tsx';
import { ChangeSummary } from '../../components/ChangeSummary.tsx';
import { isLossy } from '../../components/changes.ts';
import { Code } from '../../components/Code.tsx';
import { Differences, textOf } from '../../components/Differences.tsx';
import { Facts } from '../../components/Facts.tsx';
import { Findings } from '../../components/Findings.tsx';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Empty } from '../../components/States.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';
import { titleOf } from '../executions/ExecutionTable.tsx';
import { DecisionForm } from './DecisionForm.tsx';
import { TimeLeft } from './TimeLeft.tsx';

const CRUMB = { to: '/approvals', label: 'Approvals' } as const;

export function ApprovalPage() {
  const { executionId } = useParams({ from: '/approvals/$executionId' });
  const query = useQuery(executionQuery(executionId));
  if (!query.data) {
    return (
      <Page title="Approval" crumb={CRUMB}>
        <QueryView query={query} what="the change">
          {() => null}
        </QueryView>
      </Page>
    );
  }
  const execution = query.data;
  return execution.approval ? (
    <Waiting execution={execution} approval={execution.approval} />
  ) : (
    <Decided execution={execution} />
  );
}

function Waiting({ execution, approval }: { execution: ExecutionDetail; approval: Approval }) {
  const { pipelineId, executionId, requestedBy, origin } = execution;
  const { environment, summary, changes, findings = [], requestedAt, expiresAt } = approval;
  const title = `${titleOf(execution)} in ${environment}`;
  return (
    <Page
      title={`${title} · ${pipelineId}`}
      heading={title}
      crumb={CRUMB}
      facts={
        <>
          <Status of="AwaitingApproval" />
          <Link to="/pipelines/$pipelineId" params={{ pipelineId }} className="wrap">
            {pipelineId}
          </Link>
          <span>
            <Ago at={requestedAt} />, requested by {requestedBy}
          </span>
          {origin && (
            <span className="wrap">
              {origin.repository}@{origin.commit.slice(0, 12)}
            </span>
          )}
          <TimeLeft until={expiresAt} />
        </>
      }
      actions={
        <Link to="/executions/$executionId" params={{ executionId }} className={buttonClass()}>
          To the execution
        </Link>
      }
    >
      <div className="review">
        <div className="stack">
          <ChangedMeanwhile changeHash={approval.changeHash} />
          <Losses approval={approval} />
          {findings.length > 0 && (
            <Card title="Findings" aside={<span className="muted small">policies and preflight</span>}>
              <Findings of={findings} />
            </Card>
          )}
          <Card title="What changes" flush aside={<ChangeSummary of={summary} />}>
            {changes.length === 0 ? (
              <p className="card-body muted">No resource changes.</p>
            ) : (
              <ChangeList of={changes} />
            )}
          </Card>
          <Requested approval={approval} />
        </div>
        <aside className="review-side" aria-label="Decision">
          <DecisionForm execution={execution} approval={approval} />
        </aside>
      </div>
    </Page>
  );
}

/** A change is previewed again when its stack has changed: what was read before may no longer be true. */
function ChangedMeanwhile({ changeHash }: { changeHash: string }) {
  const [first] = useState(changeHash);
  if (first === changeHash) return null;
  return (
    <div className="alert alert-wait" role="alert">
      <RefreshCw aria-hidden className="ink-wait" />
      <div className="alert-body">
        <h2>The change is another one now</h2>
        <p>It was previewed again since this page was opened. Review it again before you decide.</p>
      </div>
    </div>
  );
}

function Losses({ approval: { changes, environment } }: { approval: Approval }) {
  const lossy = changes.filter(isLossy);
  if (lossy.length === 0) return null;
  return (
    <div className="alert alert-fail" role="group" aria-label="What is destroyed">
      <TriangleAlert aria-hidden className="ink-fail" />
      <div className="alert-body">
        <h2>
          {lossy.length} {lossy.length === 1 ? 'resource' : 'resources'} of {environment}{' '}
          {lossy.length === 1 ? 'is' : 'are'} destroyed or replaced
        </h2>
        <ul className="bullets">
          {lossy.map(({ urn, name, operation, warning }) => (
            <li key={`${operation} ${urn}`}>
              {warning ?? `${name} is ${operation === 'delete' ? 'destroyed' : 'destroyed and created again'}.`}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function Requested({ approval }: { approval: Approval }) {
  const { requested, environment } = approval;
  if (!requested) return null;
  const { revision, deployedRevision, differences, request } = requested;
  return (
    <Card
      title="What was requested"
      aside={
        <span className="muted small">
          {deployedRevision === undefined
            ? `r${revision}, nothing is deployed in ${environment}`
            : `r${deployedRevision} → r${revision}`}
        </span>
      }
    >
      <div className="stack">
        {differences.length > 0 && deployedRevision !== undefined ? (
          <Differences of={differences} caption={`How the request differs from what is deployed in ${environment}`} />
        ) : (
          <FirstRequest approval={approval} />
        )}
        {request && deployedRevision !== undefined && (
          <details>
            <summary className="small">The whole request, as it applies to {environment}</summary>
            <Code what={`the request for ${environment}`} text={JSON.stringify(request, null, 2)} />
          </details>
        )}
      </div>
    </Card>
  );
}

/** With nothing deployed before, all of the request is new. */
function FirstRequest({ approval: { requested } }: { approval: Approval }) {
  if (requested?.deployedRevision !== undefined || !requested?.request) {
    return <p className="muted">The same request as the deployed one.</p>;
  }
  return (
    <Facts
      of={Object.entries(requested.request).map(([key, value]) => [
        key,
        <code key={key} className="wrap">
          {textOf(value)}
        </code>,
      ])}
    />
  );
}

function Decided({ execution }: { execution: ExecutionDetail }) {
  const { executionId, pipelineId, status, decisions = [] } = execution;
  return (
    <Page title={`${titleOf(execution)} · ${pipelineId}`} heading={titleOf(execution)} crumb={CRUMB}>
      <div className="card">
        <Empty icon={CheckCheck} title="This execution does not wait for a decision">
          <p className="row-wrap">
            It is now: <Status of={status} />
          </p>
          {decisions.map(({ environment, decision, by, at, comment }) => (
            <p key={`${environment} ${at}`} className="wrap">
              {decision} for {environment} by {by}, <Ago at={at} />
              {comment && <>: “{comment}”</>}
            </p>
          ))}
          <Link to="/executions/$executionId" params={{ executionId }} className={buttonClass()}>
            To the execution
          </Link>
        </Empty>
      </div>
    </Page>
  );
}
