import { useQuery } from '@tanstack/react-query';
import type { Pipeline } from '../../api/model.ts';
import { outputsQuery } from '../../api/queries.ts';
import { Card } from '../../components/Card.tsx';
import { Code } from '../../components/Code.tsx';
import { CopyButton } from '../../components/CopyButton.tsx';
import { textOf } from '../../components/Differences.tsx';
import { Facts } from '../../components/Facts.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Empty } from '../../components/States.tsx';
import { Monitors } from './Monitors.tsx';
import { PipelineCard } from './PipelineCard.tsx';
import { PromotionBoard } from './PromotionBoard.tsx';

export function Overview({ pipeline }: { pipeline: Pipeline }) {
  const { pipelineId } = pipeline;
  const outputs = useQuery(outputsQuery(pipelineId));
  return (
    <div className="stack-l">
      <PromotionBoard pipeline={pipeline} />
      <QueryView query={outputs} what="the outputs">
        {({ environments }) =>
          environments.length === 0 ? (
            <div className="card">
              <Empty title="No outputs yet">
                <p>They appear once the first environment has been deployed.</p>
              </Empty>
            </div>
          ) : (
            <>
              {environments.map(({ environment, stack, outputs: values }) => (
                <Card
                  key={environment}
                  title={environments.length > 1 ? `Outputs of ${environment}` : 'Outputs'}
                  aside={<span className="muted small wrap">{stack}</span>}
                >
                  <Facts
                    of={Object.entries(values).map(([name, value]) => [
                      name,
                      <Output key={name} value={value} name={name} />,
                    ])}
                  />
                </Card>
              ))}
              <HowToCall pipelineId={pipelineId} urls={environments.flatMap(({ outputs: values }) => urlOf(values))} />
              {environments.some(({ outputs: values }) => 'endpointName' in values) && (
                <Monitors pipelineId={pipelineId} />
              )}
              <PipelineCard pipelineId={pipelineId} />
            </>
          )
        }
      </QueryView>
    </div>
  );
}

function Output({ name, value }: { name: string; value: unknown }) {
  const text = textOf(value);
  return (
    <span className="output">
      <span className="mono wrap">{text}</span>
      <CopyButton text={text} what={name} />
    </span>
  );
}

function urlOf({ inferenceUrl }: Record<string, unknown>): string[] {
  return typeof inferenceUrl === 'string' ? [inferenceUrl] : [];
}

const REGION = /\.execute-api\.([a-z0-9-]+)\./;

function HowToCall({ pipelineId, urls }: { pipelineId: string; urls: readonly string[] }) {
  const [url] = urls;
  if (!url) return null;
  // In a sandbox it is on loopback, where nobody signs.
  const signed = url.startsWith('https:');
  const region = REGION.exec(url)?.[1] ?? 'us-east-1';
  return (
    <Card title="How to call it">
      <div className="stack">
        <p className="muted">
          {signed ? 'The inference URL takes requests that are signed with SigV4.' : ''} With the command line:
        </p>
        <Code
          what="the command that sends a payload"
          text={`npx mlops invoke ${pipelineId} -f payload.csv --type text/csv`}
        />
        <p className="muted">{signed ? 'With curl and your own AWS credentials:' : 'With curl:'}</p>
        <Code
          what="the call with curl"
          text={[
            `curl ${url} \\`,
            ...(signed
              ? [
                  `  --aws-sigv4 aws:amz:${region}:execute-api \\`,
                  '  --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \\',
                  '  -H "x-amz-security-token: $AWS_SESSION_TOKEN" \\',
                ]
              : []),
            `  -H 'Content-Type: application/json' \\`,
            `  -d '{"payload": "1,2,3", "content_type": "text/csv"}'`,
          ].join('\n')}
        />
      </div>
    </Card>
  );
}
