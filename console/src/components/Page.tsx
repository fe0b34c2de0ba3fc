import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import type { ListPath } from '../layout/navigation.ts';
import { announce } from '../layout/announcer.ts';

/** Whether a page was shown before: the browser itself cares for the focus of the first one. */
let hasShown = false;

/**
 * The head of a page. When it appears after a navigation, its heading gets the focus and its title is announced, as a browser
 * does with a new document.
 */
export function Page({
  title,
  heading = title,
  crumb,
  facts,
  actions,
  children,
}: {
  /** Of the window. */
  title: string;
  heading?: ReactNode;
  /** The list that the page belongs to. */
  crumb?: { to: ListPath; label: string };
  facts?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const headingRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · MLOps`;
  }, [title]);
  useEffect(() => {
    if (hasShown) {
      headingRef.current?.focus({ preventScroll: true });
      announce(document.title);
    }
    hasShown = true;
  }, []);
  return (
    <>
      <header className="page-head">
        <div className="page-title">
          {crumb && (
            <nav className="crumbs" aria-label="Breadcrumb">
              <Link to={crumb.to}>
                <ChevronLeft aria-hidden />
                {crumb.label}
              </Link>
            </nav>
          )}
          <h1 ref={headingRef} tabIndex={-1}>
            {heading}
          </h1>
          {facts && <div className="page-facts">{facts}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}
