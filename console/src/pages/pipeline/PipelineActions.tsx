/** What can be done with a pipeline as a whole: run its job again, protect it, destroy it after a preview. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Ellipsis, Lock, LockOpen, Play, SquarePen, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { answerOf, api } from '../../api/client.ts';
import type { Pipeline } from '../../api/model.ts';
import { keys } from '../../api/queries.ts';
import { Button, buttonClass } from '../../components/Button.tsx';
import { ChangeSummary } from '../../components/ChangeSummary.tsx';
import { Modal } from '../../components/Modal.tsx';
import { QueryView } from '../../components/QueryView.tsx';
import { useNotices } from '../../layout/notices.tsx';

/** Types whose pipelines run a job, which can be run again with an unchanged request. */
const HAS_JOB = /training|tuner|batch|monitor|image_builder/;

export function PipelineActions({ pipeline }: { pipeline: Pipeline }) {
  const { pipelineId, pipelineType, protectedBy, status } = pipeline;
  const [isDestroying, setDestroying] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const notices = useNotices();
  const path = { params: { path: { id: pipelineId } } };
  const reload = () => client.invalidateQueries({ queryKey: keys.pipeline(pipelineId) });
  const run = useMutation({
    mutationFn: () => answerOf(api.POST('/pipelines/{id}/run', path)),
    onSuccess: async ({ executionId }) => {
      await reload();
      if (executionId) await navigate({ to: '/executions/$executionId', params: { executionId } });
    },
    onError: notices.failed,
  });
  const protect = useMutation({
    mutationFn: () =>
      answerOf(
        protectedBy ? api.DELETE('/pipelines/{id}/protection', path) : api.POST('/pipelines/{id}/protection', path),
      ),
    onSuccess: async (answer) => {
      notices.done(answer.protectedBy ? 'The pipeline is protected.' : 'The pipeline is no longer protected.');
      await reload();
    },
    onError: notices.failed,
  });
  const again = (
    <Link to="/new" search={{ from: pipelineId }} className={buttonClass()}>
      <SquarePen aria-hidden /> Provision again with changes
    </Link>
  );
  if (status === 'Deleted') return again;
  return (
    <>
      {again}
      {HAS_JOB.test(pipelineType) && (
        <Button isDisabled={run.isPending} onPress={() => run.mutate()}>
          <Play aria-hidden /> Run again
        </Button>
      )}
      <MenuTrigger>
        <AriaButton className={buttonClass('default', false, true)} aria-label="More actions">
          <Ellipsis aria-hidden />
        </AriaButton>
        <Popover className="popover" placement="bottom end" offset={4}>
          <Menu className="options">
            <MenuItem className="option" onAction={() => protect.mutate()}>
              {protectedBy ? <LockOpen aria-hidden /> : <Lock aria-hidden />}
              {protectedBy ? 'Remove the protection' : 'Protect'}
            </MenuItem>
            <MenuItem className="option option-danger" onAction={() => setDestroying(true)}>
              <Trash2 aria-hidden /> Destroy …
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <Modal title="Destroy this pipeline?" isOpen={isDestroying} onClose={() => setDestroying(false)}>
        {isDestroying && <DestroyForm pipelineId={pipelineId} onClose={() => setDestroying(false)} />}
      </Modal>
    </>
  );
}

function DestroyForm({ pipelineId, onClose }: { pipelineId: string; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const notices = useNotices();
  const preview = useQuery({
    queryKey: [...keys.pipeline(pipelineId), 'destroy-preview'],
    queryFn: ({ signal }) =>
      answerOf(
        api.DELETE('/pipelines/{id}', { params: { path: { id: pipelineId }, query: { preview: 'true' } }, signal }),
      ),
    gcTime: 0,
  });
  const destroy = useMutation({
    mutationFn: () => answerOf(api.DELETE('/pipelines/{id}', { params: { path: { id: pipelineId } } })),
    onSuccess: async (answer) => {
      await client.invalidateQueries({ queryKey: keys.pipeline(pipelineId) });
      const executionId = 'execution_id' in answer ? answer.execution_id : undefined;
      if (executionId) await navigate({ to: '/executions/$executionId', params: { executionId } });
    },
    onError: notices.failed,
  });
  return (
    <>
      <p className="muted">
        Everything that it has provisioned is destroyed, from the last environment to the first. Buckets, repositories
        and the model registry keep their content.
      </p>
      <QueryView query={preview} what="what would be destroyed" lines={3}>
        {(answer) => (
          <ul className="stack">
            {('environments' in answer ? answer.environments : []).map(({ environment, summary, changes }) => (
              <li key={environment}>
                <b>{environment}</b> <ChangeSummary of={summary} />
                <ul className="small muted">
                  {changes
                    .filter(({ operation }) => operation === 'delete')
                    .map(({ urn, name, type }) => (
                      <li key={urn} className="wrap">
                        {name} <code>{type}</code>
                      </li>
                    ))}
                </ul>
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      <div className="dialog-actions">
        <Button onPress={onClose}>Keep it</Button>
        <Button look="danger" isDisabled={destroy.isPending || !preview.data} onPress={() => destroy.mutate()}>
          Destroy
        </Button>
      </div>
    </>
  );
}
