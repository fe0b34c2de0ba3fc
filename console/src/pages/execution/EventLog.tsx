import type { ExecutionEvent } from '../../api/model.ts';
import { Empty } from '../../components/States.tsx';

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

/** Everything that was reported, oldest first. */
export function EventLog({ events }: { events: readonly ExecutionEvent[] }) {
  if (events.length === 0) return <Empty title="Nothing has been reported yet" />;
  return (
    <ol className="log" aria-label="Events">
      {events.map(({ sequence, at, type, stage, data }) => (
        <li key={sequence}>
          <time dateTime={at}>{TIME.format(new Date(at))}</time>
          <code className={type === 'resource.failed' || data.severity === 'error' ? 'ink-fail wrap' : 'wrap'}>
            {type}
          </code>
          <p>{[stage, wordsOf(data)].filter(Boolean).join(' · ')}</p>
        </li>
      ))}
    </ol>
  );
}

function wordsOf({ name, resourceType, message, changes, urn: _urn, ...rest }: Record<string, unknown>): string {
  if (message !== undefined) return String(message);
  if (name !== undefined) return [name, resourceType].filter(Boolean).map(String).join(' ');
  if (changes !== undefined) return JSON.stringify(changes);
  return Object.keys(rest).length > 0 ? JSON.stringify(rest) : '';
}
