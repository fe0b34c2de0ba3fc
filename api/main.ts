/** `npm start`: the service for production settings (docs/settings.md). */
import { loadConfig } from '../automation/config/config.ts';
import { createLogger } from '../automation/platform/logger.ts';
import { startService } from './server.ts';
import { stopOnSignals } from './stop-on-signals.ts';

try {
  const config = loadConfig();
  const service = await startService(config, createLogger(config.log));
  stopOnSignals(() => service.stop());
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
