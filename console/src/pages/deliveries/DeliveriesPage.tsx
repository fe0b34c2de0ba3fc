/** Delivered versions of mlops-config.json, and what became of each request in them. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { GitPullRequestArrow, RotateCcw } from 'lucide-react';
import { answerOf, api } from '../../api/client.ts';
import type { Delivery, DeliveryFilter } from '../../api/record-queries.ts';
import { deliveriesQuery, recordKeys } from '../../api/record-queries.ts';
import { Button } from '../../components/Button.tsx';
import { ListView } from '../../components/ListView.tsx';
import { Page } from '../../components/Page.tsx';
import { ANY, Select } from '../../components/Select.tsx';
import { Empty } from '../../components/States.tsx';
import { labelOf, Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';
import { useNotices } from '../../layout/notices.tsx';
import { DELIVERY_STATUSES, SOURCES } from '../record-search.ts';

export function DeliveriesPage() {
  const filter = useSearch({ from: '/deliveries' });
  const navigate = useNavigate({ from: '/deliveries' });
  const query = useInfiniteQuery(deliveriesQuery(filter));
  const narrow = (change: DeliveryFilter) =>
    void navigate({ search: (current) => ({ ...current, ...change }), replace: true });
  return (
    <Page title="Deliveries">
      <div className="toolbar" role="search">
        <Select
          label="Status"
          choices={[{ id: ANY, label: 'Any status' }, ...DELIVERY_STATUSES.map((id) => ({ id, label: labelOf(id) }))]}
          value={filter.status ?? ANY}
          onChange={(id) => narrow({ status: DELIVERY_STATUSES.find((status) => status === id) })}
        />
        <Select
          label="Source"
          choices={[{ id: ANY, label: 'Any source' }, ...SOURCES.map((id) => ({ id, label: id }))]}
          value={filter.source ?? ANY}
          onChange={(id) => narrow({ source: SOURCES.find((source) => source === id) })}
        />
      </div>
      <div className="card">
        <ListView
          query={query}
          what="deliveries"
          empty={
            <Empty icon={GitPullRequestArrow} title="No deliveries">
              {filter.status || filter.source ? (
                <Button onPress={() => void navigate({ search: {} })}>Show all deliveries</Button>
              ) : (
                <p>
                  A push that changes <code>mlops-config.json</code> in a repository or bucket that the service watches
                  appears here.
                </p>
              )}
            </Empty>
          }
        >
          {(deliveries) => (
            <ul>
              {deliveries.map((delivery) => (
                <DeliveryItem key={delivery.id} delivery={delivery} />
              ))}
            </ul>
          )}
        </ListView>
      </div>
    </Page>
  );
}

function DeliveryItem({ delivery }: { delivery: Delivery }) {
  const { target, revision, status, people, results, detail, attempts, accepted } = delivery;
  const by = [...new Set([...(people.pushedBy ?? []), ...(people.author ?? [])])];
  return (
    <li className="record">
      <div className="record-head">
        <Status of={status} />
        <span className="grow wrap record-title">{target}</span>
        <Redeliver delivery={delivery} />
      </div>
      <p className="small muted wrap">
        <code>{revision.slice(0, 12)}</code> · <Ago at={accepted} />
        {by.length > 0 && ` by ${by[0]}`}
        {attempts > 1 && ` · ${attempts} attempts`}
      </p>
      {detail && <p className="wrap">{detail}</p>}
      {results.length > 0 && (
        <ul className="results small">
          {results.map(({ index, pipelineId, message, executionId, refused }) => (
            <li key={index} className="wrap">
              {executionId ? (
                <Link to="/executions/$executionId" params={{ executionId }}>
                  {pipelineId}
                </Link>
              ) : (
                <b>{pipelineId}</b>
              )}
              : <span className={refused ? 'ink-fail' : 'muted'}>{message}</span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function Redeliver({ delivery: { id, target } }: { delivery: Delivery }) {
  const client = useQueryClient();
  const notices = useNotices();
  const redeliver = useMutation({
    mutationFn: () => answerOf(api.POST('/deliveries/{id}/redeliver', { params: { path: { id: String(id) } } })),
    onSuccess: async () => {
      notices.done(`${target} is processed again.`);
      await client.invalidateQueries({ queryKey: recordKeys.deliveries });
    },
    onError: notices.failed,
  });
  return (
    <Button
      small
      isDisabled={redeliver.isPending}
      onPress={() => redeliver.mutate()}
      aria-label={`Redeliver ${target}, delivery ${id}`}
    >
      <RotateCcw aria-hidden /> Redeliver
    </Button>
  );
}
