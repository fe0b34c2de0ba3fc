import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Request } from '../../api/provisioning.ts';
import { validate } from '../../api/provisioning.ts';

/** A person types faster than requests are worth checking. */
const SETTLED_MS = 400;

/** What the service says about the request, a moment after the latest change. */
export function useValidation(request: Request) {
  const [settled, setSettled] = useState(request);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(request), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [request]);
  const query = useQuery({
    queryKey: ['validation', settled],
    queryFn: ({ signal }) => validate(settled, signal),
    staleTime: Infinity,
    gcTime: 0,
    placeholderData: keepPreviousData,
  });
  return { ...query, isCurrent: settled === request && !query.isFetching };
}
