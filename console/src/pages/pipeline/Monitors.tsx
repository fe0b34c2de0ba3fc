import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Radar } from 'lucide-react';
import { monitorsQuery } from '../../api/queries.ts';
import { Card } from '../../components/Card.tsx';
import { QueryView } from '../../components/QueryView.tsx';

/** The pipelines that monitor the endpoint of this one. */
export function Monitors({ pipelineId }: { pipelineId: string }) {
  const query = useQuery(monitorsQuery(pipelineId));
  return (
    <Card title="Monitors">
      <QueryView query={query} what="the monitors" lines={1}>
        {(monitors) =>
          monitors.length === 0 ? (
            <p className="muted">
              No pipeline monitors this endpoint. A monitor is a pipeline of its own, of a type such as{' '}
              <code>byom_data_quality_monitor</code>.
            </p>
          ) : (
            <ul className="stack">
              {monitors.map((monitor) => (
                <li key={monitor.pipelineId} className="row-wrap">
                  <Radar size={15} aria-hidden className="ink-idle" />
                  <Link to="/pipelines/$pipelineId" params={{ pipelineId: monitor.pipelineId }} className="wrap">
                    {monitor.pipelineId}
                  </Link>
                  <span className="tag">{monitor.pipelineType}</span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}
