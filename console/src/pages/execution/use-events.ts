import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ExecutionEvent } from '../../api/model.ts';
import { followExecution } from '../../api/follow.ts';
import { keys } from '../../api/queries.ts';

export type StreamState = 'connecting' | 'live' | 'broken' | 'ended';

/** Events come in bursts; the page is drawn once for all that came within a frame or two. */
const BATCH_MS = 60;

/** The events of an execution so far. Changes of a stage or of the execution make its queries read again. */
export function useEvents(executionId: string): { events: readonly ExecutionEvent[]; state: StreamState } {
  const client = useQueryClient();
  const [events, setEvents] = useState<readonly ExecutionEvent[]>([]);
  const [state, setState] = useState<StreamState>('connecting');
  useEffect(() => {
    const abort = new AbortController();
    let waiting: ExecutionEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const batch = waiting;
      waiting = [];
      setEvents((all) => [...all, ...batch]);
      if (batch.some(({ type }) => /^(stage|execution|approval)\./.test(type))) {
        void client.invalidateQueries({ queryKey: keys.execution(executionId) });
      }
    };
    const follow = async () => {
      const connected = (isUp: boolean) => setState(isUp ? 'live' : 'broken');
      for await (const event of followExecution(executionId, abort.signal, connected)) {
        waiting.push(event);
        timer ??= setTimeout(flush, BATCH_MS);
      }
      if (abort.signal.aborted) return;
      setState('ended');
      void client.invalidateQueries({ queryKey: keys.execution(executionId) });
    };
    void follow();
    return () => {
      abort.abort();
      clearTimeout(timer);
      setEvents([]);
    };
  }, [client, executionId]);
  return { events, state };
}
