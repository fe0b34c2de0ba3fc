/** Notifications that were sent, and whether they arrived. */
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { Bell, ChevronRight, CircleAlert, RotateCcw } from 'lucide-react';
import { Button as AriaButton, Disclosure, DisclosurePanel } from 'react-aria-components';
import { answerOf, api } from '../../api/client.ts';
import type { Notification } from '../../api/record-queries.ts';
import { notificationsQuery, recordKeys } from '../../api/record-queries.ts';
import { Button } from '../../components/Button.tsx';
import { ListView } from '../../components/ListView.tsx';
import { Page } from '../../components/Page.tsx';
import { ANY, Select } from '../../components/Select.tsx';
import { Empty } from '../../components/States.tsx';
import { Status } from '../../components/Status.tsx';
import { Ago } from '../../components/Time.tsx';
import { useNotices } from '../../layout/notices.tsx';
import { KINDS_OF_NOTIFICATIONS } from '../record-search.ts';

export function NotificationsPage() {
  const filter = useSearch({ from: '/notifications' });
  const navigate = useNavigate({ from: '/notifications' });
  const query = useInfiniteQuery(notificationsQuery(filter));
  return (
    <Page title="Notifications">
      <div className="toolbar" role="search">
        <Select
          label="Kind"
          choices={[{ id: ANY, label: 'Any kind' }, ...KINDS_OF_NOTIFICATIONS.map((id) => ({ id, label: id }))]}
          value={filter.kind ?? ANY}
          onChange={(id) =>
            void navigate({ search: { kind: KINDS_OF_NOTIFICATIONS.find((kind) => kind === id) }, replace: true })
          }
        />
      </div>
      <div className="card">
        <ListView
          query={query}
          what="notifications"
          empty={
            <Empty icon={Bell} title="No notifications">
              {filter.kind ? (
                <Button onPress={() => void navigate({ search: {} })}>Show all notifications</Button>
              ) : (
                <p>Subscribers are notified when something starts, waits for approval, succeeds or fails.</p>
              )}
            </Empty>
          }
        >
          {(notifications) => (
            <ul>
              {notifications.map((notification) => (
                <NotificationItem key={notification.id} notification={notification} />
              ))}
            </ul>
          )}
        </ListView>
      </div>
    </Page>
  );
}

function NotificationItem({ notification }: { notification: Notification }) {
  const { at, kind, subject, message, executionId, environment, delivery, attempts, lastError } = notification;
  return (
    <li className="revision-item">
      <Disclosure>
        <div className="revision-line record-line">
          <AriaButton slot="trigger" className="revision-toggle" aria-label={`Message of: ${subject}`}>
            <ChevronRight aria-hidden />
          </AriaButton>
          <span className="grow record-text">
            <span className="wrap record-title">{subject}</span>
            <span className="small muted">
              <Ago at={at} /> · {kind}
              {environment && ` · ${environment}`}
            </span>
          </span>
          <Status of={delivery} />
          {delivery !== 'pending' && <Resend notification={notification} />}
        </div>
        {lastError && (
          <p className="record-problem small">
            <CircleAlert aria-hidden className="ink-fail" />
            <span className="wrap">
              {attempts} {attempts === 1 ? 'attempt' : 'attempts'} failed: {lastError}
            </span>
          </p>
        )}
        <DisclosurePanel>
          <div className="change-details">
            <p className="message wrap">{message}</p>
            {executionId && (
              <p className="row-wrap">
                {kind === 'approval-needed' && (
                  <Link to="/approvals/$executionId" params={{ executionId }}>
                    Review the change
                  </Link>
                )}
                <Link to="/executions/$executionId" params={{ executionId }}>
                  To the execution
                </Link>
              </p>
            )}
          </div>
        </DisclosurePanel>
      </Disclosure>
    </li>
  );
}

function Resend({ notification: { id, subject } }: { notification: Notification }) {
  const client = useQueryClient();
  const notices = useNotices();
  const resend = useMutation({
    mutationFn: () => answerOf(api.POST('/notifications/{id}/resend', { params: { path: { id: String(id) } } })),
    onSuccess: async () => {
      notices.done(`“${subject}” is sent again.`);
      await client.invalidateQueries({ queryKey: recordKeys.notifications });
    },
    onError: notices.failed,
  });
  return (
    <Button
      small
      isDisabled={resend.isPending}
      onPress={() => resend.mutate()}
      aria-label={`Resend ${subject}, notification ${id}`}
    >
      <RotateCcw aria-hidden /> Resend
    </Button>
  );
}
