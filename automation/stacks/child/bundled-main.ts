/** Entry of a child process that runs from the bundle (../bundle): the same, with stack traces that name the sources. */
import { setSourceMapsSupport } from 'node:module';

// The bundle lies below node_modules, which is left out otherwise.
setSourceMapsSupport(true, { nodeModules: true });
await import('./main.ts');
