/** The frame around every page: navigation, theme, live region. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { Menu, Monitor, Moon, Sun, X } from 'lucide-react';
import { useState } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { API_URL } from '../api/client.ts';
import { approvalsQuery } from '../api/queries.ts';
import { Button } from '../components/Button.tsx';
import icon from '../icon.svg';
import { ANNOUNCER_ID } from './announcer.ts';
import { NAVIGATION } from './navigation.ts';
import { NoticesProvider } from './notices.tsx';
import { SignOut } from './SignOut.tsx';
import type { Theme } from './theme.ts';
import { useTheme } from './theme.ts';

export function Shell() {
  const { pathname } = useLocation();
  // Open for this page only: following a link closes it.
  const [openFor, setOpenFor] = useState<string>();
  const isOpen = openFor === pathname;
  return (
    <NoticesProvider>
      <button type="button" className="skip-link" onClick={() => document.getElementById('main')?.focus()}>
        Skip to the content
      </button>
      <div className="shell">
        <header className="sidebar">
          <Link to="/" className="brand">
            <img src={icon} alt="" />
            MLOps
          </Link>
          <span className="menu-button">
            <Button
              look="quiet"
              icon
              aria-label="Menu"
              aria-expanded={isOpen}
              aria-controls="navigation"
              onPress={() => setOpenFor(isOpen ? undefined : pathname)}
            >
              {isOpen ? <X aria-hidden /> : <Menu aria-hidden />}
            </Button>
          </span>
          <div className="sidebar-content" id="navigation" data-open={isOpen}>
            <nav className="nav" aria-label="Main">
              {NAVIGATION.map(({ to, label, icon: Icon, exact }) => (
                <Link
                  key={to}
                  to={to}
                  activeOptions={{ exact, includeSearch: false }}
                  activeProps={{ 'aria-current': 'page' }}
                >
                  <Icon aria-hidden />
                  {label}
                  {to === '/approvals' && <WaitingCount />}
                </Link>
              ))}
            </nav>
            <div className="sidebar-foot">
              <div className="sidebar-links">
                <a href={`${API_URL}/docs`}>API</a>
                <a href={`${API_URL}/openapi.json`}>OpenAPI</a>
              </div>
              <ThemeSwitch />
              <SignOut />
            </div>
          </div>
        </header>
        <main className="main" id="main" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <div id={ANNOUNCER_ID} className="visually-hidden" aria-live="polite" />
    </NoticesProvider>
  );
}

/** How many changes wait for a decision. */
function WaitingCount() {
  const { data } = useInfiniteQuery(approvalsQuery({}));
  const count = data?.pages[0]?.entries.length ?? 0;
  if (count === 0) return null;
  return (
    <span className="count badge tone-wait">
      {count}
      {data?.pages[0]?.next && '+'}
      <span className="visually-hidden"> waiting</span>
    </span>
  );
}

const THEMES = [
  { id: 'system', label: 'As the system', icon: Monitor },
  { id: 'light', label: 'Light', icon: Sun },
  { id: 'dark', label: 'Dark', icon: Moon },
] as const;

function ThemeSwitch() {
  const [theme, setTheme] = useTheme();
  return (
    <ToggleButtonGroup
      className="segments"
      aria-label="Theme"
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[theme]}
      onSelectionChange={([chosen]) => setTheme(chosen as Theme)}
    >
      {THEMES.map(({ id, label, icon: Icon }) => (
        <ToggleButton key={id} id={id} className="segment" aria-label={label}>
          <Icon aria-hidden />
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
