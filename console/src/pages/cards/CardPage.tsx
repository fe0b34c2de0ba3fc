/** One model card: its parts, and its export. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { FileDown } from 'lucide-react';
import type { ModelCard } from '../../api/record-queries.ts';
import { cardQuery, cardRequest } from '../../api/record-queries.ts';
import { Button } from '../../components/Button.tsx';
import { Card } from '../../components/Card.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Empty } from '../../components/States.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';
import { useNotices } from '../../layout/notices.tsx';
import { CardValue, titleOfKey } from './CardValue.tsx';

const CRUMB = { to: '/cards', label: 'Model cards' } as const;

export function CardPage() {
  const { name } = useParams({ from: '/cards/$name' });
  const query = useQuery(cardQuery(name));
  if (!query.data) {
    return (
      <Page title={name} crumb={CRUMB}>
        <QueryView query={query} what="the model card">
          {() => null}
        </QueryView>
      </Page>
    );
  }
  return <Loaded card={query.data} />;
}

function Loaded({ card }: { card: ModelCard }) {
  const { ModelCardName: name, ModelCardStatus: status, ModelCardVersion: version, ModelCardArn: arn } = card;
  const parts = Object.entries(contentOf(card));
  return (
    <Page
      title={name}
      crumb={CRUMB}
      facts={
        <>
          <Status of={status} />
          <span>version {version}</span>
          {card.LastModifiedTime && (
            <span>
              changed <Ago at={card.LastModifiedTime} />
            </span>
          )}
          <span className="row">
            <code className="wrap">{arn}</code>
            <CopyButton text={arn} what="the ARN" />
          </span>
        </>
      }
      actions={<Export name={name} version={version} />}
    >
      <div className="stack">
        {parts.length === 0 && (
          <div className="card">
            <Empty title="The card has no content" />
          </div>
        )}
        {parts.map(([part, value]) => (
          <Card key={part} title={titleOfKey(part)}>
            <CardValue value={value} />
          </Card>
        ))}
      </div>
    </Page>
  );
}

function contentOf({ Content }: ModelCard): Record<string, unknown> {
  if (!Content) return {};
  try {
    return JSON.parse(Content) as Record<string, unknown>;
  } catch {
    // Shown as it is.
    return { content: Content };
  }
}

function Export({ name, version }: { name: string; version: number }) {
  const notices = useNotices();
  const exporting = useMutation({
    mutationFn: () => cardRequest<string>({ pipeline_type: 'export_model_card', name, model_card_version: version }),
    onSuccess: (message) => notices.done(message),
    onError: notices.failed,
  });
  return (
    <Button isDisabled={exporting.isPending} onPress={() => exporting.mutate()}>
      <FileDown aria-hidden /> {exporting.isPending ? 'Exporting …' : 'Export'}
    </Button>
  );
}
