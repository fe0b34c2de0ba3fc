import type { Execution, Stage } from '../../api/model.ts';
import { doneText } from '../../components/changes.ts';
import { labelOf, lookOf } from '../../components/Status.tsx';
import { Duration } from '../../components/Time.tsx';

/** All stages in their order, with what each is doing. */
export function Stages({ execution }: { execution: Execution }) {
  return (
    <ol className="stages" aria-label="Stages">
      {execution.stages.map((stage) => (
        <StageStep key={stage.name} stage={stage} isWaiting={isWaiting(execution, stage)} />
      ))}
    </ol>
  );
}

/** An approval stage is in progress while it waits for people. */
function isWaiting({ status, approval }: Execution, stage: Stage): boolean {
  return status === 'AwaitingApproval' && stage.kind === 'approve' && stage.environment === approval?.environment;
}

function StageStep({ stage, isWaiting }: { stage: Stage; isWaiting: boolean }) {
  const status = isWaiting ? 'AwaitingApproval' : stage.status;
  const { icon: Icon, tone } = lookOf(status);
  return (
    <li className="stage" data-status={isWaiting ? 'Waiting' : stage.status}>
      <span className="stage-name">
        <Icon aria-hidden className={`ink-${tone}${status === 'InProgress' ? ' spin' : ''}`} />
        {stage.name}
      </span>
      <span className="muted small">
        {labelOf(status)}
        {stage.started && (
          <>
            {' · '}
            <Duration from={stage.started} to={stage.ended} />
          </>
        )}
      </span>
      {stage.changes && <span className="muted small">{doneText(stage.changes)}</span>}
    </li>
  );
}
