import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ListPage } from '../api/client.ts';
import { Button } from './Button.tsx';
import { ErrorPanel, Loading } from './States.tsx';

/** A list that is read page by page: all entries so far, and a button for more. */
export function ListView<T>({
  query,
  what,
  empty,
  children,
}: {
  query: UseInfiniteQueryResult<InfiniteData<ListPage<T>, unknown>>;
  /** In the plural, such as "pipelines". */
  what: string;
  empty: ReactNode;
  children: (entries: T[]) => ReactNode;
}) {
  if (!query.data) {
    return query.isError ? (
      <ErrorPanel error={query.error} title={`Cannot load ${what}`} onRetry={() => void query.refetch()} />
    ) : (
      <Loading what={what} lines={6} />
    );
  }
  const entries = query.data.pages.flatMap((page) => page.entries);
  if (entries.length === 0) return empty;
  return (
    <>
      {children(entries)}
      {(query.hasNextPage || query.data.pages.length > 1) && (
        <div className="list-foot">
          <span className="muted small">
            {entries.length} {what}
          </span>
          {query.hasNextPage && (
            <Button small isDisabled={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
              {query.isFetchingNextPage ? 'Loading …' : 'Show more'}
            </Button>
          )}
        </div>
      )}
      {query.isFetchNextPageError && (
        <ErrorPanel error={query.error} title={`Cannot load more ${what}`} onRetry={() => void query.fetchNextPage()} />
      )}
    </>
  );
}
