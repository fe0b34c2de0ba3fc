/** Deployments over time: when, how long, how often they fail. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ChartColumn } from 'lucide-react';
import type { ReactNode } from 'react';
import { lazy, Suspense } from 'react';
import type { Execution } from '../../api/model.ts';
import { recentExecutionsQuery } from '../../api/record-queries.ts';
import { Card } from '../../components/Card.tsx';
import { Page } from '../../components/Page.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Select } from '../../components/Select.tsx';
import { Empty, Loading } from '../../components/States.tsx';
import { labelOf } from '../../components/Status.tsx';
import { durationOf, fullTime } from '../../components/time-text.ts';
import { PERIODS } from '../record-search.ts';
import { deployments, resultsByDay, timeline } from './figures.ts';
import { Timeline } from './Timeline.tsx';

const ResultsChart = lazy(() => import('./Charts.tsx').then((module) => ({ default: module.ResultsChart })));
const DurationsChart = lazy(() => import('./Charts.tsx').then((module) => ({ default: module.DurationsChart })));

const LABELS = { 1: 'Last 24 hours', 7: 'Last 7 days', 30: 'Last 30 days' } as const;
const PIPELINES_SHOWN = 25;
const DAY_MS = 86_400_000;
/** Space before the first deployment, of the whole time. */
const MARGIN = 0.04;

export function InsightsPage() {
  const { days = 7 } = useSearch({ from: '/insights' });
  const navigate = useNavigate({ from: '/insights' });
  const query = useQuery(recentExecutionsQuery(days));
  return (
    <Page title="Insights">
      <div className="toolbar">
        <Select
          label="Period"
          choices={PERIODS.map((each) => ({ id: String(each), label: LABELS[each] }))}
          value={String(days)}
          onChange={(id) =>
            void navigate({ search: { days: PERIODS.find((each) => String(each) === id) }, replace: true })
          }
        />
      </div>
      <QueryView query={query} what="the executions">
        {({ executions, until }) =>
          executions.length === 0 ? (
            <div className="card">
              <Empty icon={ChartColumn} title="Nothing happened in this time">
                <p>Deployments and approvals appear here as soon as there are some.</p>
              </Empty>
            </div>
          ) : (
            <Figures executions={executions} days={days} until={until} />
          )
        }
      </QueryView>
    </Page>
  );
}

function Figures({ executions, days, until }: { executions: readonly Execution[]; days: number; until: number }) {
  const byDay = resultsByDay(executions, Math.max(days, 2), until);
  const deployed = deployments(executions);
  const rows = timeline(executions, until).slice(0, PIPELINES_SHOWN);
  // From the beginning of the period, or from when something happened in it.
  const first = Math.min(until, ...rows.flatMap(({ spans }) => spans.map(({ from }) => from)));
  const from = Math.max(until - days * DAY_MS, first - (until - first) * MARGIN);
  return (
    <div className="stack">
      <Card
        title="Deployments and approvals"
        aside={<span className="muted small">{rows.length === 1 ? '1 pipeline' : `${rows.length} pipelines`}</span>}
      >
        <Timeline rows={rows} from={from} to={until} />
        <Table
          what="Deployments and approvals"
          head={['Started', 'Pipeline', 'Stage', 'Status', 'Duration']}
          rows={rows.flatMap(({ pipelineId, spans }) =>
            spans.map(({ execution, stage, to }) => [
              fullTime(stage.started ?? ''),
              <Link key="link" to="/executions/$executionId" params={{ executionId: execution.executionId }}>
                {pipelineId}
              </Link>,
              stage.name,
              labelOf(stage.status),
              durationOf(stage.started ?? '', stage.ended, to),
            ]),
          )}
        />
      </Card>
      <div className="charts">
        <Card title="Executions by result">
          <Chart what="Executions by day and result">
            <ResultsChart days={byDay} />
          </Chart>
          <Table
            what="Executions by day and result"
            head={['Day', 'Succeeded', 'Failed', 'Ended otherwise']}
            rows={byDay.map(({ day, succeeded, failed, ended }) => [day, succeeded, failed, ended])}
          />
        </Card>
        <Card title="Duration of deployments">
          <Chart what="How long each deployment took">
            <DurationsChart deployments={deployed} />
          </Chart>
          <Table
            what="How long each deployment took"
            head={['Started', 'Pipeline', 'Environment', 'Seconds', 'Result']}
            rows={deployed.map(({ at, execution, environment, seconds, result }) => [
              fullTime(new Date(at).toISOString()),
              <Link key="link" to="/executions/$executionId" params={{ executionId: execution.executionId }}>
                {execution.pipelineId}
              </Link>,
              environment,
              Math.round(seconds),
              result,
            ])}
          />
        </Card>
      </div>
    </div>
  );
}

/** What a chart shows is also in the table below it, so screen readers hear its name only. */
function Chart({ what, children }: { what: string; children: ReactNode }) {
  return (
    <div role="img" aria-label={`${what}: the figures are in the table below.`}>
      <Suspense fallback={<Loading what="the chart" />}>{children}</Suspense>
    </div>
  );
}

function Table({ what, head, rows }: { what: string; head: readonly string[]; rows: readonly ReactNode[][] }) {
  return (
    <details>
      <summary className="small">
        The figures as a table<span className="visually-hidden">: {what}</span>
      </summary>
      <div className="table-scroll figures" tabIndex={0} role="region" aria-label={what}>
        <table className="table">
          <caption className="visually-hidden">{what}</caption>
          <thead>
            <tr>
              {head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((cells, row) => (
              <tr key={row}>
                {cells.map((cell, column) => (
                  <td key={column} className="small">
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
