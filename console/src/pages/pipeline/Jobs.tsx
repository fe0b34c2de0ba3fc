/** The SageMaker jobs of a pipeline by environment: how each ended, its metrics, its model, what a monitor found. */
import { useQuery } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import type { Model } from '../../api/model.ts';
import { jobsQuery } from '../../api/queries.ts';
import { Card } from '../../components/Card.tsx';
import { Facts } from '../../components/Facts.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { Empty, ErrorPanel } from '../../components/States.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago, Duration } from '../../components/Time.tsx';

type Environment = Model<'PipelineJobs'>['environments'][number];
type Job = Environment['jobs'][number];

export function Jobs({ pipelineId }: { pipelineId: string }) {
  const query = useQuery(jobsQuery(pipelineId));
  return (
    <QueryView query={query} what="the jobs">
      {({ environments }) =>
        environments.length === 0 ? (
          <div className="card">
            <Empty icon={FlaskConical} title="No jobs">
              <p>Training, tuning, Autopilot and transform jobs, baselines and runs of monitors appear here.</p>
            </Empty>
          </div>
        ) : (
          <div className="stack">
            {environments.map((each) => (
              <EnvironmentJobs key={each.environment} of={each} />
            ))}
          </div>
        )
      }
    </QueryView>
  );
}

function EnvironmentJobs({ of: { environment, jobs, error, next } }: { of: Environment }) {
  return (
    <Card
      title={`Jobs in ${environment}`}
      aside={next && <span className="muted small">the latest {jobs.length}</span>}
    >
      {error && <ErrorPanel error={`${error.message} (${error.code})`} title="AWS did not answer" />}
      {!error && jobs.length === 0 && <p className="muted">No job has run yet.</p>}
      <ul className="stack-l">
        {jobs.map((job) => (
          <JobItem key={job.arn ?? job.name} job={job} />
        ))}
      </ul>
    </Card>
  );
}

function JobItem({ job }: { job: Job }) {
  const { name, kind, status, created, ended, failureReason, metrics, artifact, output, best, violations } = job;
  return (
    <li className="stack">
      <p className="row-wrap">
        <Status of={status} />
        <b className="wrap">{name}</b>
        <span className="tag">{kind}</span>
        <span className="muted small">
          <Ago at={created} />
          {ended && (
            <>
              {', took '}
              <Duration from={created} to={ended} />
            </>
          )}
        </span>
      </p>
      {failureReason && <p className="ink-fail small wrap">{failureReason}</p>}
      <Facts
        of={[
          [
            'Metrics',
            metrics.length > 0 ? metrics.map((metric) => `${metric.name} ${metric.value}`).join(', ') : undefined,
          ],
          ['Best', best],
          ['Model', artifact],
          ['Output', output],
          ['Violations', violations?.count],
        ]}
      />
      {(violations?.entries?.length ?? 0) > 0 && (
        <ul className="small stack">
          {violations?.entries?.map(({ feature, check, description }) => (
            <li key={`${feature} ${check}`}>
              <span className="tag">{feature}</span> {check}: {description}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
