/** The revisions of a pipeline, newest first; each shows what it changed. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { ChevronRight, GitCommitHorizontal, Undo2 } from 'lucide-react';
import { Button as AriaButton, Disclosure, DisclosurePanel } from 'react-aria-components';
import { answerOf, api } from '../../api/client.ts';
import type { RevisionSummary } from '../../api/model.ts';
import { keys, revisionDiffQuery, revisionsQuery } from '../../api/queries.ts';
import { Button } from '../../components/Button.tsx';
import { Differences } from '../../components/Differences.tsx';
import { ListView } from '../../components/ListView.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Empty } from '../../components/States.tsx';
import { Ago } from '../../components/Time.tsx';
import { useNotices } from '../../layout/notices.tsx';

export function Revisions({ pipelineId }: { pipelineId: string }) {
  const query = useInfiniteQuery(revisionsQuery(pipelineId));
  return (
    <div className="card">
      <ListView query={query} what="revisions" empty={<Empty title="No revisions" />}>
        {(revisions) => (
          <ul>
            {revisions.map((revision) => (
              <RevisionItem key={revision.revision} revision={revision} />
            ))}
          </ul>
        )}
      </ListView>
    </div>
  );
}

function RevisionItem({ revision }: { revision: RevisionSummary }) {
  const { pipelineId, revision: number, requestedBy, created, origin, current, environments } = revision;
  return (
    <li className="revision-item">
      <Disclosure>
        {({ isExpanded }) => (
          <>
            <div className="revision-line">
              <AriaButton slot="trigger" className="revision-toggle" aria-label={`r${number}: changes`}>
                <ChevronRight aria-hidden />
                <b className="revision">r{number}</b>
              </AriaButton>
              <span className="grow row-wrap">
                {current && <span className="badge tone-ok">current</span>}
                {environments.map((name) => (
                  <span key={name} className="badge">
                    {name}
                  </span>
                ))}
                <span className="muted small">
                  <Ago at={created} /> by {requestedBy}
                </span>
                {origin && (
                  <span className="muted small row wrap">
                    <GitCommitHorizontal size={14} aria-hidden /> {origin.repository}
                    {origin.branch ? `@${origin.branch}` : ''} {origin.commit.slice(0, 10)}
                  </span>
                )}
              </span>
              {!current && <RollBack pipelineId={pipelineId} revision={number} />}
            </div>
            <DisclosurePanel>{isExpanded && <Changes pipelineId={pipelineId} revision={number} />}</DisclosurePanel>
          </>
        )}
      </Disclosure>
    </li>
  );
}

function Changes({ pipelineId, revision }: { pipelineId: string; revision: number }) {
  const query = useQuery({ ...revisionDiffQuery(pipelineId, revision - 1, revision), enabled: revision > 1 });
  if (revision === 1) return <p className="revision-changes muted small">The first revision of this pipeline.</p>;
  return (
    <div className="revision-changes">
      <QueryView query={query} what="the changes" lines={2}>
        {({ differences }) =>
          differences.length === 0 ? (
            <p className="muted small">The same request as revision {revision - 1}.</p>
          ) : (
            <Differences of={differences} caption={`Changes from revision ${revision - 1} to ${revision}`} />
          )
        }
      </QueryView>
    </div>
  );
}

function RollBack({ pipelineId, revision }: { pipelineId: string; revision: number }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const notices = useNotices();
  const rollBack = useMutation({
    mutationFn: () =>
      answerOf(api.POST('/pipelines/{id}/rollback', { params: { path: { id: pipelineId } }, body: { revision } })),
    onSuccess: async ({ message, executionId }) => {
      await client.invalidateQueries({ queryKey: keys.pipeline(pipelineId) });
      notices.done(message);
      if (executionId) await navigate({ to: '/executions/$executionId', params: { executionId } });
    },
    onError: notices.failed,
  });
  return (
    <Button
      small
      isDisabled={rollBack.isPending}
      onPress={() => rollBack.mutate()}
      aria-label={`Roll back to revision ${revision}`}
    >
      <Undo2 aria-hidden /> Roll back
    </Button>
  );
}
