/** The charts: their library is large, so they are loaded when they are shown. Each has its figures as a table beside it. */
import {
  Bar,
  BarChart,
  CartesianGrid,
  Legend,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { tickFormat } from '../../components/time-text.ts';
import type { Day, Deployment } from './figures.ts';

const HEIGHT = 240;
const TICK = { fill: 'var(--text-2)', fontSize: 12 };
const AXIS = { tick: TICK, tickLine: false, axisLine: { stroke: 'var(--border-strong)' } };
const TOOLTIP = {
  contentStyle: {
    background: 'var(--surface)',
    border: '1px solid var(--border)',
    borderRadius: 8,
    color: 'var(--text)',
    fontSize: 13,
  },
  itemStyle: { color: 'var(--text)' },
  cursor: { fill: 'var(--surface-2)' },
  isAnimationActive: false,
};

const SHORT = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const EXACT = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** In the color of text: those of the marks are too light to read. */
function legendText(name: string) {
  return <span className="muted">{name}</span>;
}

export function ResultsChart({ days }: { days: readonly Day[] }) {
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <BarChart data={[...days]} margin={{ top: 8, right: 8, left: -20, bottom: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--border)" />
        <XAxis dataKey="day" {...AXIS} tickFormatter={(day: string) => SHORT.format(new Date(`${day}T00:00`))} />
        <YAxis allowDecimals={false} {...AXIS} axisLine={false} />
        <Tooltip {...TOOLTIP} />
        <Legend iconType="circle" iconSize={8} wrapperStyle={{ fontSize: 13 }} formatter={legendText} />
        <Bar dataKey="succeeded" stackId="all" fill="var(--chart-ok)" isAnimationActive={false} maxBarSize={28} />
        <Bar dataKey="failed" stackId="all" fill="var(--chart-fail)" isAnimationActive={false} maxBarSize={28} />
        <Bar dataKey="ended" stackId="all" fill="var(--chart-idle)" isAnimationActive={false} maxBarSize={28} />
      </BarChart>
    </ResponsiveContainer>
  );
}

export function DurationsChart({ deployments }: { deployments: readonly Deployment[] }) {
  const points = (result: Deployment['result']) =>
    deployments
      .filter((each) => each.result === result)
      .map(({ at, seconds, environment, execution }) => ({ at, seconds, name: execution.pipelineId, environment }));
  const [first = 0, last = 0] = [deployments[0]?.at, deployments.at(-1)?.at];
  const tick = tickFormat(last - first);
  return (
    <ResponsiveContainer width="100%" height={HEIGHT}>
      <ScatterChart margin={{ top: 8, right: 8, left: -8, bottom: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--border)" />
        <XAxis
          dataKey="at"
          name="Started"
          type="number"
          domain={['dataMin', 'dataMax']}
          {...AXIS}
          tickFormatter={(at: number) => tick.format(at)}
        />
        <YAxis dataKey="seconds" name="Took" type="number" unit=" s" {...AXIS} axisLine={false} />
        <Tooltip
          {...TOOLTIP}
          formatter={(value, name) =>
            name === 'Started' ? EXACT.format(Number(value)) : `${Math.round(Number(value))} s`
          }
        />
        <Legend iconSize={9} wrapperStyle={{ fontSize: 13 }} formatter={legendText} />
        <Scatter
          name="succeeded"
          data={points('succeeded')}
          fill="var(--chart-ok)"
          shape="circle"
          isAnimationActive={false}
        />
        <Scatter
          name="failed"
          data={points('failed')}
          fill="var(--chart-fail)"
          shape="triangle"
          isAnimationActive={false}
        />
      </ScatterChart>
    </ResponsiveContainer>
  );
}
