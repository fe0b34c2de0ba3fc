/** `npm start`: the service for production settings (docs/settings.md). */
import { loadConfig } from '../automation/config/config.ts';
import { environment } from '../automation/config/process-environment.ts';
import { secretMask, secretValues } from '../automation/config/secret-values.ts';
import { createLogger } from '../automation/platform/logger.ts';
import { startService } from './server.ts';
import { stopOnSignals } from './stop-on-signals.ts';

const secrets = secretValues(environment());
try {
  const config = loadConfig();
  const service = await startService(config, createLogger({ ...config.log, secrets }));
  stopOnSignals(() => service.stop());
} catch (error) {
  process.stderr.write(`${secretMask(secrets)((error as Error).message)}\n`);
  process.exitCode = 1;
}
