/** The console starts here: theme, client, routes. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isWorthRetrying } from './api/errors.ts';
import { applyTheme } from './layout/theme.ts';
import { createConsoleRouter } from './router.tsx';
import './styles/app.css';

applyTheme();

// The build that this page belongs to is gone: the current one is a reload away. Once only, for files that are really missing.
window.addEventListener('vite:preloadError', () => {
  const key = `mlops-reloaded-${location.pathname}`;
  if (sessionStorage.getItem(key)) return;
  sessionStorage.setItem(key, 'yes');
  location.reload();
});

const client = new QueryClient({
  defaultOptions: { queries: { staleTime: 2_000, retry: (failures, error) => failures < 2 && isWorthRetrying(error) } },
});
const router = createConsoleRouter(client);

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element with the id "root".');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
