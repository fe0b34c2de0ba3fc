/** What a page shows in place of its content: that it loads, that there is nothing, that something went wrong. */
import { CircleAlert, Inbox } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/errors.ts';
import { Button } from './Button.tsx';

export function Loading({ what, lines = 4 }: { what: string; lines?: number }) {
  return (
    <div className="skeleton" role="status">
      <b className="visually-hidden">Loading {what} …</b>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} style={{ width: `${92 - ((index * 23) % 50)}%` }} />
      ))}
    </div>
  );
}

/** @param children what to do next */
export function Empty({
  icon: Icon = Inbox,
  title,
  children,
}: {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
}) {
  return (
    <div className="empty">
      <Icon aria-hidden />
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function ErrorPanel({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const known = error instanceof ApiError ? error : undefined;
  const faults = known?.faults ?? [];
  return (
    <div className="alert alert-fail" role="alert">
      <CircleAlert aria-hidden className="ink-fail" />
      <div className="alert-body">
        <h2>{title ?? 'That did not work'}</h2>
        {faults.length === 0 && <p>{error instanceof Error ? error.message : String(error)}</p>}
        {faults.length > 0 && (
          <ul className="stack">
            {faults.map((fault) => (
              <li key={`${fault.pointer} ${fault.rule}`}>
                {fault.pointer && <span className="tag">{fault.pointer}</span>} {fault.message}
              </li>
            ))}
          </ul>
        )}
        {known && (
          <p className="small muted">
            {known.code}
            {known.requestId && <> · request {known.requestId}</>}
          </p>
        )}
        {onRetry && (
          <div>
            <Button small onPress={onRetry}>
              Try again
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}
