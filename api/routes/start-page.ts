/** `/`: where to go from here. A browser goes on to the page of the API, a program gets links. */
import { answer } from '../answers.ts';
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

export function startPageRoute(): Route {
  return {
    method: 'get',
    path: '/',
    role: 'viewer',
    operationId: 'getLinks',
    summary: 'Links to the lists and to the documentation; a browser is sent to the page of the API',
    answers: {
      200: { description: 'The links, relative to this address', schema: answer('Links') },
      303: { description: 'To `/docs`, where HTML is preferred' },
    },
    handle({ request }, response) {
      response.vary('Accept');
      if (request.accepts(['json', 'html']) === 'html') response.redirect(303, LINKS.docs);
      else response.json({ links: LINKS });
    },
  };
}
