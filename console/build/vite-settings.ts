/** How Vite builds the console, and serves it during development. */
import { join } from 'node:path';
import type { InlineConfig } from 'vite';
import { CONSOLE, ROOT } from './folders.ts';

export const VITE_SETTINGS: InlineConfig = {
  configFile: false,
  envDir: false,
  root: CONSOLE,
  publicDir: false,
  cacheDir: join(ROOT, 'node_modules/.cache/vite'),
  // Relative to <base>, which the API sets: the console works behind a gateway that serves it below a stage.
  base: './',
  logLevel: 'warn',
  build: {
    target: 'es2023',
    // The Content-Security-Policy allows no data: URLs, and no script inside the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1_000,
    rolldownOptions: {
      onLog(level, log, report) {
        // "use client" means something to server components only, of which there are none.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
    },
  },
};
