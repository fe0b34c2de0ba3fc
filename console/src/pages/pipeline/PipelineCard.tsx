/** The model card that the service drafts for a pipeline: how it stands in SageMaker, and what it would say. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Save } from 'lucide-react';
import { answerOf, api } from '../../api/client.ts';
import { ApiError } from '../../api/errors.ts';
import { pipelineCardQuery } from '../../api/queries.ts';
import { Button } from '../../components/Button.tsx';
import { Card } from '../../components/Card.tsx';
import { ExportMenu } from '../../components/ExportMenu.tsx';
import type { ExportFormat } from '../../components/ExportMenu.tsx';
import { Facts } from '../../components/Facts.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { useNotices } from '../../layout/notices.tsx';
import { CardValue, titleOfKey } from '../cards/CardValue.tsx';

export function PipelineCard({ pipelineId }: { pipelineId: string }) {
  const query = useQuery(pipelineCardQuery(pipelineId));
  // Monitors and image builders have none.
  if (query.error instanceof ApiError && query.error.code === 'PIPELINE_HAS_NO_MODEL') return null;
  return (
    <Card title="Model card" aside={query.data && <Actions pipelineId={pipelineId} />}>
      <QueryView query={query} what="the model card" lines={2}>
        {({ name, state, status, version, content, missing }) => (
          <div className="stack">
            <Facts
              of={[
                [
                  'name',
                  state === 'Draft only' ? (
                    <code key="name">{name}</code>
                  ) : (
                    <Link key="name" to="/cards/$name" params={{ name }}>
                      {name}
                    </Link>
                  ),
                ],
                ['state', state],
                ['status in SageMaker', status],
                ['version', version],
              ]}
            />
            {missing.map((sentence) => (
              <p key={sentence} className="muted">
                {sentence}
              </p>
            ))}
            {Object.entries(content).map(([part, value]) => (
              <details key={part}>
                <summary>{titleOfKey(part)}</summary>
                <CardValue value={value} />
              </details>
            ))}
          </div>
        )}
      </QueryView>
    </Card>
  );
}

function Actions({ pipelineId }: { pipelineId: string }) {
  const client = useQueryClient();
  const notices = useNotices();
  const path = { params: { path: { id: pipelineId } } };
  const changed = () => client.invalidateQueries(pipelineCardQuery(pipelineId));
  const save = useMutation({
    mutationFn: () => answerOf(api.POST('/pipelines/{id}/card', path)),
    onSuccess: async ({ name }) => {
      notices.done(`The model card ${name} is saved in SageMaker.`);
      await changed();
    },
    onError: notices.failed,
  });
  const exporting = useMutation({
    mutationFn: (format: ExportFormat) =>
      answerOf(api.POST('/pipelines/{id}/card/export', { params: { ...path.params, query: { format } } })),
    onSuccess: async ({ location }) => {
      notices.done(location ? `Exported to ${location}` : 'The export continues in SageMaker.');
      await changed();
    },
    onError: notices.failed,
  });
  return (
    <span className="row">
      <Button small isDisabled={save.isPending} onPress={() => save.mutate()}>
        <Save aria-hidden /> Save card
      </Button>
      <ExportMenu
        label="Export card"
        formats={{ pdf: 'PDF, to the assets bucket', json: 'JSON, to the assets bucket' }}
        isPending={exporting.isPending}
        small
        onExport={(format) => exporting.mutate(format)}
      />
    </span>
  );
}
