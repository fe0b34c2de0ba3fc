import type { ReactNode } from 'react';
import { useId } from 'react';

/** A section with a heading. */
export function Card({
  title,
  aside,
  flush = false,
  children,
}: {
  title: string;
  /** At the right of the heading. */
  aside?: ReactNode;
  /** No padding: the content is a table or a list. */
  flush?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </div>
      <div className={flush ? undefined : 'card-body'}>{children}</div>
    </section>
  );
}
