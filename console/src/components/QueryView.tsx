import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorPanel, Loading } from './States.tsx';

/** Shows what a query has, that it loads, or why it failed and a way to try again. */
export function QueryView<T>({
  query,
  what,
  lines,
  children,
}: {
  query: UseQueryResult<T>;
  /** For "Loading … ". */
  what: string;
  lines?: number;
  children: (data: T) => ReactNode;
}) {
  // What was read before stays visible while a later reading fails.
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return <ErrorPanel error={query.error} title={`Cannot load ${what}`} onRetry={() => void query.refetch()} />;
  }
  return <Loading what={what} {...(lines === undefined ? {} : { lines })} />;
}
