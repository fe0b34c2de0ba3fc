/** Approve or reject one change, after a confirmation. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Check, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import type { Approval, Execution } from '../../api/model.ts';
import { keys } from '../../api/queries.ts';
import { Button } from '../../components/Button.tsx';
import { Card } from '../../components/Card.tsx';
import { ChangeSummary } from '../../components/ChangeSummary.tsx';
import { isLossy } from '../../components/changes.ts';
import { Facts } from '../../components/Facts.tsx';
import { Modal } from '../../components/Modal.tsx';
import { ErrorPanel } from '../../components/States.tsx';
import { TextArea } from '../../components/TextArea.tsx';
import { useNotices } from '../../layout/notices.tsx';

type Decision = 'Approved' | 'Rejected';

export function DecisionForm({ execution, approval }: { execution: Execution; approval: Approval }) {
  const { environment, approvedBy, minimumApprovers } = approval;
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<string>();
  const [confirming, setConfirming] = useState<Decision>();
  const reasonRef = useRef<HTMLTextAreaElement>(null);
  const ask = (decision: Decision) => {
    if (decision === 'Rejected' && reason.trim() === '') {
      setProblem('Say why, for the people who requested the change.');
      reasonRef.current?.focus();
      return;
    }
    setProblem(undefined);
    setConfirming(decision);
  };
  return (
    <Card title="Decision">
      <div className="stack">
        <Facts
          of={[
            ['Approvals', `${approvedBy.length} of ${minimumApprovers}`],
            ['Approved by', approvedBy.length > 0 ? approvedBy.join(', ') : undefined],
          ]}
        />
        <TextArea
          label="Reason"
          value={reason}
          onChange={(text) => {
            setReason(text);
            setProblem(undefined);
          }}
          hint="Required to reject. It is kept in the audit log."
          problem={problem}
          inputRef={reasonRef}
        />
        <div className="row-wrap">
          <Button look="primary" onPress={() => ask('Approved')}>
            <Check aria-hidden /> Approve …
          </Button>
          <Button look="danger" onPress={() => ask('Rejected')}>
            <X aria-hidden /> Reject …
          </Button>
        </div>
      </div>
      <Modal
        title={confirming === 'Rejected' ? 'Reject this change?' : `Approve this change to ${environment}?`}
        isOpen={confirming !== undefined}
        onClose={() => setConfirming(undefined)}
      >
        {confirming && (
          <Confirmation
            decision={confirming}
            reason={reason.trim()}
            execution={execution}
            approval={approval}
            onClose={() => setConfirming(undefined)}
          />
        )}
      </Modal>
    </Card>
  );
}

function Confirmation({
  decision,
  reason,
  execution,
  approval,
  onClose,
}: {
  decision: Decision;
  reason: string;
  execution: Execution;
  approval: Approval;
  onClose: () => void;
}) {
  const { executionId, pipelineId } = execution;
  const { environment, summary, changes } = approval;
  // What was shown when the dialog opened is what is decided on: the service refuses if it is another change by then.
  const [changeHash] = useState(approval.changeHash);
  const client = useQueryClient();
  const navigate = useNavigate();
  const notices = useNotices();
  const reload = () =>
    Promise.all(
      [keys.execution(executionId), keys.pipeline(pipelineId), keys.approvals, keys.executions].map((queryKey) =>
        client.invalidateQueries({ queryKey }),
      ),
    );
  const decide = useMutation({
    mutationFn: () =>
      answerOf(
        api.POST('/executions/{id}/approvals/{environment}', {
          params: { path: { id: executionId, environment } },
          body: { decision, changeHash, ...(reason ? { comment: reason } : {}) },
        }),
      ),
    onSuccess: async ({ status, approval: still }) => {
      const isStillWaiting = status === 'AwaitingApproval' && still?.environment === environment;
      notices.done(
        decision === 'Rejected'
          ? `The change to ${environment} was rejected.`
          : isStillWaiting
            ? `Approved. ${still.approvedBy.length} of ${still.minimumApprovers} approvals so far.`
            : `Approved. ${environment} is being changed.`,
      );
      onClose();
      await reload();
      if (!isStillWaiting) await navigate({ to: '/executions/$executionId', params: { executionId } });
    },
    onError: reload,
  });
  const losses = changes.filter(isLossy).length;
  return (
    <>
      <p className="wrap">
        {decision === 'Rejected'
          ? `${pipelineId} stays as it is in ${environment}, and the execution ends.`
          : `${pipelineId} is changed in ${environment} as soon as enough people have approved:`}
      </p>
      {decision === 'Approved' && <ChangeSummary of={summary} />}
      {decision === 'Approved' && losses > 0 && (
        <p className="ink-fail">
          {losses} {losses === 1 ? 'resource is' : 'resources are'} destroyed or replaced.
        </p>
      )}
      {reason && <blockquote className="quote wrap">{reason}</blockquote>}
      {decide.isError && <ErrorPanel error={decide.error} title="The decision was not accepted" />}
      <div className="dialog-actions">
        <Button onPress={onClose}>{decide.isError ? 'Close' : 'Back'}</Button>
        <Button
          look={decision === 'Rejected' ? 'danger' : 'primary'}
          isDisabled={decide.isPending}
          onPress={() => decide.mutate()}
        >
          {decision === 'Rejected' ? 'Reject' : 'Approve'}
        </Button>
      </div>
    </>
  );
}
