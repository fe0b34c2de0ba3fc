/** When each pipeline was deployed and how long it waited for approval, on one axis of time. */
import { Link } from '@tanstack/react-router';
import type { Stage } from '../../api/model.ts';
import { labelOf } from '../../components/Status.tsx';
import { durationOf, fullTime, tickFormat } from '../../components/time-text.ts';
import type { Span } from './figures.ts';

const TICKS = 5;
/** So that a deployment of seconds is seen within days. */
const MINIMUM_PERCENT = 0.6;

export function Timeline({
  rows,
  from,
  to,
}: {
  rows: readonly { pipelineId: string; spans: Span[] }[];
  from: number;
  to: number;
}) {
  const percent = (time: number) => ((Math.max(time, from) - from) / (to - from)) * 100;
  const format = tickFormat(to - from);
  return (
    <div className="timeline">
      <ul>
        {rows.map(({ pipelineId, spans }) => (
          <li key={pipelineId} className="timeline-row">
            <Link to="/pipelines/$pipelineId" params={{ pipelineId }} className="timeline-name small">
              {pipelineId}
            </Link>
            {/* The table below has the same, with links: marks of a few pixels are no targets. */}
            <div className="timeline-track" aria-hidden>
              {spans
                .filter((span) => span.to >= from)
                .map(({ key, stage, from: start, to: end }) => (
                  <span
                    key={key}
                    className="timeline-span"
                    data-look={lookOfSpan(stage)}
                    title={`${stage.name}: ${labelOf(stage.status)}, ${fullTime(stage.started ?? '')}, ${durationOf(stage.started ?? '', stage.ended, end)}`}
                    style={{
                      left: `${Math.min(percent(start), 100 - MINIMUM_PERCENT)}%`,
                      width: `${Math.max(percent(end) - percent(start), MINIMUM_PERCENT)}%`,
                    }}
                  />
                ))}
            </div>
          </li>
        ))}
      </ul>
      <div className="timeline-axis small muted" aria-hidden>
        {Array.from({ length: TICKS }, (_, index) => (
          <span key={index}>{format.format(from + ((to - from) * index) / (TICKS - 1))}</span>
        ))}
      </div>
      <p className="timeline-legend small muted" aria-hidden>
        <span data-look="ok">deployed</span>
        <span data-look="fail">failed</span>
        <span data-look="wait">waited for approval</span>
        <span data-look="refuse">not approved</span>
        <span data-look="run">in progress</span>
      </p>
    </div>
  );
}

/** A decision against a change is no failure of anything. */
function lookOfSpan({ kind, status }: Stage): 'ok' | 'fail' | 'wait' | 'refuse' | 'run' {
  if (kind === 'approve') return status === 'Failed' ? 'refuse' : 'wait';
  if (status === 'Failed') return 'fail';
  return status === 'InProgress' ? 'run' : 'ok';
}
