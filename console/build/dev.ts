/**
 * `npm run console:dev [-- --url http://127.0.0.1:8080]`: the console from its sources, reloaded on every change, over a
 * sandbox that runs already.
 */
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { VITE_SETTINGS } from './vite-settings.ts';

const { url } = parseArgs({ options: { url: { type: 'string', default: 'http://127.0.0.1:8080' } } }).values;
const server = await createServer({
  ...VITE_SETTINGS,
  base: '/console/',
  logLevel: 'info',
  server: {
    host: '127.0.0.1',
    proxy: {
      // To the service these are its own pages.
      '^/(?!console/)': { target: url, changeOrigin: true, headers: { Origin: url } },
    },
  },
});
await server.listen();
server.printUrls();
server.bindCLIShortcuts({ print: true });
