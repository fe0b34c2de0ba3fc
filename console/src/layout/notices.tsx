/** Short messages about what was just done, in a corner; read out by screen readers. */
import { CheckCircle2, CircleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { createContext, use, useCallback, useMemo, useState } from 'react';
import { Button } from '../components/Button.tsx';

interface Notice {
  id: number;
  tone: 'ok' | 'fail';
  text: string;
}

interface Notices {
  done(text: string): void;
  failed(error: unknown): void;
}

const SHOWN_MS = 6_000;
const NoticesContext = createContext<Notices>({ done: () => undefined, failed: () => undefined });

export function useNotices(): Notices {
  return use(NoticesContext);
}

export function NoticesProvider({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<Notice[]>([]);
  const remove = useCallback((id: number) => setNotices((all) => all.filter((notice) => notice.id !== id)), []);
  const value = useMemo<Notices>(() => {
    const add = (tone: Notice['tone'], text: string) => {
      const id = Date.now() + Math.random();
      setNotices((all) => [...all.slice(-2), { id, tone, text }]);
      // What failed stays until it is read.
      if (tone === 'ok') setTimeout(() => remove(id), SHOWN_MS);
    };
    return {
      done: (text) => add('ok', text),
      failed: (error) => add('fail', error instanceof Error ? error.message : String(error)),
    };
  }, [remove]);
  return (
    <NoticesContext value={value}>
      {children}
      <div className="notices" role="status">
        {notices.map(({ id, tone, text }) => (
          <div key={id} className="notice">
            {tone === 'ok' ? (
              <CheckCircle2 aria-hidden className="ink-ok" />
            ) : (
              <CircleAlert aria-hidden className="ink-fail" />
            )}
            <p className="grow wrap">{text}</p>
            <Button look="quiet" small icon aria-label="Dismiss" onPress={() => remove(id)}>
              <X aria-hidden />
            </Button>
          </div>
        ))}
      </div>
    </NoticesContext>
  );
}
