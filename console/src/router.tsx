/** The pages of the console by address. Each page is loaded when it is first opened. */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  useRouter,
} from '@tanstack/react-router';
import { RouterProvider as AriaRouterProvider } from 'react-aria-components';
import { CONSOLE_PATH } from './api/client.ts';
import { ErrorPanel, Loading } from './components/States.tsx';
import { Shell } from './layout/Shell.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import {
  approvalsSearch,
  executionSearch,
  executionsSearch,
  newSearch,
  pipelineSearch,
  pipelinesSearch,
} from './pages/search.ts';
import {
  auditSearch,
  cardSearch,
  deliveriesSearch,
  insightsSearch,
  notificationsSearch,
} from './pages/record-search.ts';

interface RouterContext {
  client: QueryClient;
}

const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Root,
  notFoundComponent: NotFoundPage,
});

/** Links inside components of React Aria navigate as all others do. */
function Root() {
  const router = useRouter();
  return (
    <AriaRouterProvider
      navigate={(path) => void router.navigate({ to: path })}
      useHref={(path) => router.buildLocation({ to: path }).href}
    >
      <Shell />
    </AriaRouterProvider>
  );
}

const pipelinesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: pipelinesSearch,
  component: lazyRouteComponent(() => import('./pages/pipelines/PipelinesPage.tsx'), 'PipelinesPage'),
});

const pipelineRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/pipelines/$pipelineId',
  validateSearch: pipelineSearch,
  // Another pipeline is another page: its heading gets the focus.
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./pages/pipeline/PipelinePage.tsx'), 'PipelinePage'),
});

const executionsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/executions',
  component: Outlet,
});

const executionListRoute = createRoute({
  getParentRoute: () => executionsRoute,
  path: '/',
  validateSearch: executionsSearch,
  component: lazyRouteComponent(() => import('./pages/executions/ExecutionsPage.tsx'), 'ExecutionsPage'),
});

const executionRoute = createRoute({
  getParentRoute: () => executionsRoute,
  path: '$executionId',
  validateSearch: executionSearch,
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./pages/execution/ExecutionPage.tsx'), 'ExecutionPage'),
});

const approvalsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/approvals',
  component: Outlet,
});

const approvalListRoute = createRoute({
  getParentRoute: () => approvalsRoute,
  path: '/',
  validateSearch: approvalsSearch,
  component: lazyRouteComponent(() => import('./pages/approvals/ApprovalsPage.tsx'), 'ApprovalsPage'),
});

const approvalRoute = createRoute({
  getParentRoute: () => approvalsRoute,
  path: '$executionId',
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./pages/approvals/ApprovalPage.tsx'), 'ApprovalPage'),
});

const newRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/new',
  validateSearch: newSearch,
  component: lazyRouteComponent(() => import('./pages/new/NewPage.tsx'), 'NewPage'),
});

const deliveriesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/deliveries',
  validateSearch: deliveriesSearch,
  component: lazyRouteComponent(() => import('./pages/deliveries/DeliveriesPage.tsx'), 'DeliveriesPage'),
});

const notificationsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/notifications',
  validateSearch: notificationsSearch,
  component: lazyRouteComponent(() => import('./pages/notifications/NotificationsPage.tsx'), 'NotificationsPage'),
});

const auditRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/AuditPage.tsx'), 'AuditPage'),
});

const cardsRoute = createRoute({ getParentRoute: () => rootRoute, path: '/cards', component: Outlet });

const cardListRoute = createRoute({
  getParentRoute: () => cardsRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/cards/CardsPage.tsx'), 'CardsPage'),
});

const cardRoute = createRoute({
  getParentRoute: () => cardsRoute,
  path: '$name',
  validateSearch: cardSearch,
  remountDeps: ({ params }) => params,
  component: lazyRouteComponent(() => import('./pages/cards/CardPage.tsx'), 'CardPage'),
});

const insightsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/insights',
  validateSearch: insightsSearch,
  component: lazyRouteComponent(() => import('./pages/insights/InsightsPage.tsx'), 'InsightsPage'),
});

const routeTree = rootRoute.addChildren([
  pipelinesRoute,
  pipelineRoute,
  executionsRoute.addChildren([executionListRoute, executionRoute]),
  approvalsRoute.addChildren([approvalListRoute, approvalRoute]),
  newRoute,
  cardsRoute.addChildren([cardListRoute, cardRoute]),
  deliveriesRoute,
  notificationsRoute,
  auditRoute,
  insightsRoute,
]);

export function createConsoleRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    basepath: CONSOLE_PATH,
    context: { client },
    defaultPreload: 'intent',
    defaultPendingComponent: () => <Loading what="the page" />,
    defaultErrorComponent: ({ error, reset }) => (
      <ErrorPanel error={error} title="This page cannot be shown" onRetry={reset} />
    ),
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
