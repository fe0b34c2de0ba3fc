/** One version of a model card: its parts, and its export. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ModelCard } from '../../api/record-queries.ts';
import { cardQuery, cardRequest, cardVersionsQuery } from '../../api/record-queries.ts';
import { Card } from '../../components/Card.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { ExportMenu } from '../../components/ExportMenu.tsx';
import type { ExportFormat } from '../../components/ExportMenu.tsx';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Select } from '../../components/Select.tsx';
import { Empty } from '../../components/States.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';
import { useNotices } from '../../layout/notices.tsx';
import { CardValue, titleOfKey } from './CardValue.tsx';

const CRUMB = { to: '/cards', label: 'Model cards' } as const;

export function CardPage() {
  const { name } = useParams({ from: '/cards/$name' });
  const { version } = useSearch({ from: '/cards/$name' });
  const query = useQuery(cardQuery(name, version));
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
          <Version of={name} shown={version} />
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
      actions={<Export card={card} />}
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

/** Which version is shown; a choice where there are several. */
function Version({ of: name, shown }: { of: string; shown: number }) {
  const navigate = useNavigate({ from: '/cards/$name' });
  const versions = useQuery(cardVersionsQuery(name)).data?.ModelCardVersionSummaryList ?? [];
  const [latest] = versions;
  if (!latest || versions.length === 1) return <span>version {shown}</span>;
  return (
    <Select
      label="Version of the card"
      choices={versions.map(({ ModelCardVersion: version, CreationTime }) => ({
        id: String(version),
        label: [`version ${version}`, version === latest.ModelCardVersion ? 'latest' : CreationTime?.slice(0, 10)]
          .filter(Boolean)
          .join(', '),
      }))}
      value={String(shown)}
      onChange={(id) =>
        void navigate({ search: id === String(latest.ModelCardVersion) ? {} : { version: Number(id) }, replace: true })
      }
    />
  );
}

function Export({ card }: { card: ModelCard }) {
  const { ModelCardName: name, ModelCardVersion: version } = card;
  const notices = useNotices();
  const exporting = useMutation({
    mutationFn: () => cardRequest<string>({ pipeline_type: 'export_model_card', name, model_card_version: version }),
    onSuccess: (message) => notices.done(message),
    onError: notices.failed,
  });
  const to = (format: ExportFormat) => {
    if (format === 'pdf') exporting.mutate();
    else download(`${name}-${version}.json`, `${JSON.stringify(contentOf(card), null, 2)}\n`);
  };
  return (
    <ExportMenu
      label="Export"
      formats={{ pdf: 'PDF, to the assets bucket', json: 'JSON, as a download' }}
      isPending={exporting.isPending}
      onExport={to}
    />
  );
}

function download(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: fileName });
  link.click();
  URL.revokeObjectURL(url);
}
