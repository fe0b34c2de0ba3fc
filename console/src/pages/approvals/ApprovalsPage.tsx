/** The inbox of approvers: every change that waits for a decision. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowRight, CheckCheck, ShieldAlert } from 'lucide-react';
import type { Execution } from '../../api/model.ts';
import { ENVIRONMENTS } from '../../api/model.ts';
import { approvalsQuery } from '../../api/queries.ts';
import { Button, buttonClass } from '../../components/Button.tsx';
import { ChangeSummary } from '../../components/ChangeSummary.tsx';
import { ListView } from '../../components/ListView.tsx';
import { Page } from '../../components/Page.tsx';
import { ANY, Select } from '../../components/Select.tsx';
import { Empty } from '../../components/States.tsx';
import { Ago } from '../../components/Time.tsx';
import { titleOf } from '../executions/ExecutionTable.tsx';
import { TimeLeft } from './TimeLeft.tsx';

export function ApprovalsPage() {
  const { environment } = useSearch({ from: '/approvals/' });
  const navigate = useNavigate({ from: '/approvals/' });
  const query = useInfiniteQuery(approvalsQuery({ environment }));
  return (
    <Page title="Approvals">
      <div className="toolbar" role="search">
        <Select
          label="Environment"
          choices={[{ id: ANY, label: 'Any environment' }, ...ENVIRONMENTS.map((id) => ({ id, label: id }))]}
          value={environment ?? ANY}
          onChange={(id) =>
            void navigate({ search: { environment: ENVIRONMENTS.find((name) => name === id) }, replace: true })
          }
        />
      </div>
      <div className="card">
        <ListView
          query={query}
          what="approvals"
          empty={
            <Empty icon={CheckCheck} title="Nothing waits for approval">
              {environment ? (
                <Button onPress={() => void navigate({ search: {} })}>Show all environments</Button>
              ) : (
                <p>A change to staging or prod appears here before it is deployed, and waits for a decision.</p>
              )}
            </Empty>
          }
        >
          {(executions) => (
            <ul>
              {executions.map((execution) => (
                <InboxItem key={execution.executionId} execution={execution} />
              ))}
            </ul>
          )}
        </ListView>
      </div>
    </Page>
  );
}

function InboxItem({ execution }: { execution: Execution }) {
  const { executionId, pipelineId, requestedBy, created, approval } = execution;
  if (!approval) return null;
  const { environment, summary, findings = [], expiresAt, approvedBy, minimumApprovers } = approval;
  return (
    <li className="inbox-item">
      <div className="inbox-text">
        <p className="row-wrap">
          <span className="badge tone-wait">{environment}</span>
          <Link to="/approvals/$executionId" params={{ executionId }} className="inbox-title">
            {titleOf(execution)}
            <span className="visually-hidden"> of {pipelineId}</span>
          </Link>
        </p>
        <p className="small muted wrap">
          {pipelineId} · <Ago at={created} /> by {requestedBy}
        </p>
        <div className="row-wrap">
          <ChangeSummary of={summary} />
          {findings.length > 0 && (
            <span className="badge tone-wait">
              <ShieldAlert aria-hidden />
              {findings.length} {findings.length === 1 ? 'finding' : 'findings'}
            </span>
          )}
        </div>
      </div>
      <div className="inbox-aside small muted">
        <span>
          {approvedBy.length} of {minimumApprovers} {minimumApprovers === 1 ? 'approval' : 'approvals'}
        </span>
        <TimeLeft until={expiresAt} />
        <Link
          to="/approvals/$executionId"
          params={{ executionId }}
          className={buttonClass()}
          aria-label={`Review ${titleOf(execution)} of ${pipelineId} for ${environment}`}
        >
          Review <ArrowRight aria-hidden />
        </Link>
      </div>
    </li>
  );
}
