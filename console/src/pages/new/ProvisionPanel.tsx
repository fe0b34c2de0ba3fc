/** What the service says about the request, the preview of what it would change, and the button that provisions it. */
import type { UseQueryResult } from '@tanstack/react-query';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CheckCircle2, CircleAlert, LoaderCircle, Rocket, ScanSearch, TriangleAlert } from 'lucide-react';
import { useRef } from 'react';
import { ApiError } from '../../api/errors.ts';
import { keys } from '../../api/queries.ts';
import type { Preview, Request, validate } from '../../api/provisioning.ts';
import { preview, provision } from '../../api/provisioning.ts';
import { Button } from '../../components/Button.tsx';
import { Card } from '../../components/Card.tsx';
import { ChangeSummary } from '../../components/ChangeSummary.tsx';
import { ErrorPanel } from '../../components/States.tsx';
import { announce } from '../../layout/announcer.ts';
import { useNotices } from '../../layout/notices.tsx';

export interface Previewed {
  of: Request;
  result: Preview;
}

type Validation = UseQueryResult<Awaited<ReturnType<typeof validate>>> & { isCurrent: boolean };

export function ProvisionPanel({
  request,
  validation,
  from,
  showsFaults,
  jsonProblem,
  onSent,
  onPreviewed,
}: {
  request: Request;
  validation: Validation;
  from: string | undefined;
  showsFaults: boolean;
  jsonProblem: string | undefined;
  /** The request was tried: all of its faults are to be shown. */
  onSent: () => void;
  onPreviewed: (preview: Previewed) => void;
}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const notices = useNotices();
  const leaving = useRef<AbortController>(undefined);
  const looking = useMutation({
    mutationFn: async (of: Request) => {
      leaving.current?.abort();
      leaving.current = new AbortController();
      return await preview(of, leaving.current.signal);
    },
    onSuccess: (result, of) => {
      announce('The preview is there');
      onPreviewed({ of, result });
    },
  });
  const sending = useMutation({
    mutationFn: provision,
    onSuccess: async ({ message, pipeline_id: pipelineId, execution_id: executionId }) => {
      await Promise.all(
        [keys.pipelines, keys.executions, keys.pipeline(pipelineId)].map((queryKey) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
      notices.done(message);
      if (executionId) await navigate({ to: '/executions/$executionId', params: { executionId } });
      else await navigate({ to: '/pipelines/$pipelineId', params: { pipelineId } });
    },
  });
  const faults = validation.data?.faults ?? [];
  const tryPreview = () => {
    onSent();
    sending.reset();
    if (faults.length > 0 || jsonProblem) {
      announce(`${faults.length} ${faults.length === 1 ? 'problem' : 'problems'} in the request`);
      // The fields show their faults with the next drawing.
      requestAnimationFrame(focusFirstFault);
    } else looking.mutate(request);
  };
  const isPreviewed = looking.isSuccess && looking.variables === request;
  const failure = sending.error ?? (looking.variables === request ? looking.error : null);
  const id = validation.data?.answer?.pipeline_id;
  return (
    <div className="stack">
      <Card title="Check and provision">
        <div className="stack">
          <State validation={validation} showsFaults={showsFaults} jsonProblem={jsonProblem} />
          {id && (
            <p className="small wrap">
              <span className="muted">Pipeline</span> <code>{id}</code>
            </p>
          )}
          {id && from && id !== from && (
            <p className="hint">
              <TriangleAlert aria-hidden />
              <span>With this type and name it is another pipeline than the one that it was copied from.</span>
            </p>
          )}
          {validation.data?.answer?.warnings?.map((warning) => (
            <p key={warning} className="hint">
              <TriangleAlert aria-hidden />
              <span>{warning}</span>
            </p>
          ))}
          <div className="row-wrap">
            <Button
              look={isPreviewed ? 'default' : 'primary'}
              isDisabled={looking.isPending || jsonProblem !== undefined}
              onPress={tryPreview}
            >
              <ScanSearch aria-hidden /> {looking.isPending ? 'Looking …' : 'Preview'}
            </Button>
            <Button
              look={isPreviewed ? 'primary' : 'default'}
              isDisabled={!isPreviewed || sending.isPending || jsonProblem !== undefined}
              onPress={() => sending.mutate(request)}
            >
              <Rocket aria-hidden /> Provision
            </Button>
          </div>
          {!isPreviewed && <p className="field-hint">The preview shows what would change. It changes nothing.</p>}
        </div>
      </Card>
      {failure && !(failure instanceof ApiError && failure.faults.length > 0 && faults.length > 0) && (
        <ErrorPanel error={failure} title={sending.error ? 'Not provisioned' : 'No preview'} />
      )}
      {isPreviewed && (
        <Card title="What would change" flush>
          <ul>
            {looking.data.environments.map(({ environment, summary }) => (
              <li key={environment} className="environment-line">
                <b>{environment}</b> <ChangeSummary of={summary} />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

function focusFirstFault(): void {
  document
    .querySelector<HTMLElement>('.form-fields [data-invalid] :is(input, textarea, button)')
    ?.focus({ preventScroll: false });
}

function State({
  validation: { data, isError, isCurrent, error, refetch },
  showsFaults,
  jsonProblem,
}: {
  validation: Validation;
  showsFaults: boolean;
  jsonProblem: string | undefined;
}) {
  if (isError) {
    return <ErrorPanel error={error} title="The request cannot be checked" onRetry={() => void refetch()} />;
  }
  if (jsonProblem) return <Line icon={CircleAlert} tone="fail" text="The JSON view has a fault." />;
  if (!data || !isCurrent) return <Line icon={LoaderCircle} tone="idle" text="Checking …" />;
  const { faults, refusal } = data;
  if (!refusal) return <Line icon={CheckCircle2} tone="ok" text="The request is valid." />;
  if (faults.length === 0) return <ErrorPanel error={refusal} title="The request is refused" />;
  return (
    <>
      <Line
        icon={CircleAlert}
        tone={showsFaults ? 'fail' : 'idle'}
        text={`${faults.length} ${faults.length === 1 ? 'thing' : 'things'} to fill in or to correct.`}
      />
      {showsFaults && (
        <ul className="fault-list small">
          {faults.map(({ pointer, rule, message }) => (
            <li key={`${pointer} ${rule}`} className="wrap">
              <code>{pointer.slice(1).replaceAll('/', '.') || 'request'}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Line({ icon: Icon, tone, text }: { icon: typeof CheckCircle2; tone: 'ok' | 'fail' | 'idle'; text: string }) {
  return (
    <p className="state-line">
      <Icon aria-hidden className={`ink-${tone}`} /> {text}
    </p>
  );
}
