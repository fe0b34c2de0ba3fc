/** What was changed outside Pulumi, environment by environment, and how to undo it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ScanSearch, Undo2 } from 'lucide-react';
import { answerOf, api } from '../../api/client.ts';
import type { DriftCheck } from '../../api/model.ts';
import { driftQuery, keys } from '../../api/queries.ts';
import { Button } from '../../components/Button.tsx';
import { Card } from '../../components/Card.tsx';
import { Differences } from '../../components/Differences.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { StageErrorPanel } from '../../components/StageErrorPanel.tsx';
import { Empty } from '../../components/States.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';
import { useNotices } from '../../layout/notices.tsx';

export function DriftView({ pipelineId }: { pipelineId: string }) {
  const query = useQuery(driftQuery(pipelineId));
  const client = useQueryClient();
  const navigate = useNavigate();
  const notices = useNotices();
  const path = { params: { path: { id: pipelineId } } };
  const check = useMutation({
    mutationFn: () => answerOf(api.POST('/pipelines/{id}/drift', path)),
    onSuccess: async ({ message }) => {
      notices.done(message);
      await client.invalidateQueries({ queryKey: keys.pipeline(pipelineId) });
    },
    onError: notices.failed,
  });
  const reconcile = useMutation({
    mutationFn: () => answerOf(api.POST('/pipelines/{id}/drift/reconcile', path)),
    onSuccess: async ({ message, executionId }) => {
      notices.done(message);
      await client.invalidateQueries({ queryKey: keys.pipeline(pipelineId) });
      if (executionId) await navigate({ to: '/executions/$executionId', params: { executionId } });
    },
    onError: notices.failed,
  });
  const checkNow = (
    <Button isDisabled={check.isPending} onPress={() => check.mutate()}>
      <ScanSearch aria-hidden /> Check now
    </Button>
  );
  return (
    <QueryView query={query} what="the drift checks">
      {(checks) =>
        checks.length === 0 ? (
          <div className="card">
            <Empty icon={ScanSearch} title="Never checked for drift">
              <p>A check compares every environment with what was deployed. It changes nothing.</p>
              {checkNow}
            </Empty>
          </div>
        ) : (
          <div className="stack">
            <div className="row-wrap">
              {checkNow}
              {checks.some(({ status, outdated }) => status === 'Drifted' && !outdated) && (
                <Button look="primary" isDisabled={reconcile.isPending} onPress={() => reconcile.mutate()}>
                  <Undo2 aria-hidden /> Undo the drift
                </Button>
              )}
            </div>
            {checks.map((each) => (
              <CheckCard key={each.checkId} check={each} />
            ))}
          </div>
        )
      }
    </QueryView>
  );
}

function CheckCard({ check }: { check: DriftCheck }) {
  const { environment, status, created, requestedBy, findings, error, outdated } = check;
  return (
    <Card
      title={environment}
      aside={
        <span className="row-wrap small muted">
          {outdated && <span className="badge">outdated</span>}
          <Status of={status} />
          <span>
            <Ago at={created} /> by {requestedBy}
          </span>
        </span>
      }
    >
      {error && <StageErrorPanel stage="The check" error={error} />}
      {!error && findings.length === 0 && (
        <p className="muted">
          {status === 'InSync' ? 'Every resource is as it was deployed.' : 'The check is running.'}
        </p>
      )}
      <div className="stack">
        {findings.map(({ urn, type, name, kind, differences }) => (
          <section key={urn} className="stack" aria-label={name}>
            <p className="row-wrap">
              <b>{name}</b>
              <span className="tag">{type}</span>
              <span className="badge tone-drift">{kind}</span>
            </p>
            {differences.length > 0 && (
              <Differences of={differences} caption={`Deployed and actual values of ${name}`} />
            )}
          </section>
        ))}
      </div>
    </Card>
  );
}
