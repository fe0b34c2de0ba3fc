/** `/`: where to go from here. A browser goes on to the console, a program gets links. */
import { answer } from '../answers.ts';
import { builtConsole } from '../console/built-console.ts';
import type { Route } from '../route.ts';

/** Relative, so that they hold behind a gateway that serves the API below a stage. */
const LINKS = {
  openapi: 'openapi.json',
  docs: 'docs',
  pipelineTypes: 'pipeline-types',
  pipelines: 'pipelines',
  executions: 'executions',
  approvals: 'approvals',
} as const;

/** @param consoleFolder where the builds of the web console are */
export function startPageRoute(consoleFolder: string): Route {
  return {
    method: 'get',
    path: '/',
    role: 'viewer',
    operationId: 'getLinks',
    summary: 'Links to the lists and to the documentation; a browser is sent to the web console',
    answers: {
      200: { description: 'The links, relative to this address', schema: answer('Links') },
      303: { description: 'To `/console/`, or to `/docs` if the console is not built, where HTML is preferred' },
    },
    async handle({ request }, response) {
      response.vary('Accept');
      const links = { ...LINKS, ...((await builtConsole(consoleFolder)) ? { console: 'console/' } : {}) };
      if (request.accepts(['json', 'html']) === 'html') response.redirect(303, links.console ?? links.docs);
      else response.json({ links });
    },
  };
}
