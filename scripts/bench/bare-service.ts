/**
 * The service as `npm start` composes it, on a database that the caller started: the process that `npm run bench -- idle`
 * measures. A sandbox would count with it what stands for AWS there: its clock, its buckets and their queue, its gateway.
 */
import { pathToFileURL } from 'node:url';
import { startService } from '../../api/server.ts';
import { stopOnSignals } from '../../api/stop-on-signals.ts';
import { loadConfig } from '../../automation/config/config.ts';
import { createLogger } from '../../automation/platform/logger.ts';
import { chooseEngine } from '../../sandbox/engine-choice.ts';

const { SANDBOX_HOME: home = '', SANDBOX_ENGINE: engine = 'simulated', PATH: path = '' } = process.env;
const settings = {
  ...process.env,
  PULUMI_ENGINE: 'cli',
  PULUMI_BACKEND_URL: pathToFileURL(home).href,
  PULUMI_CONFIG_PASSPHRASE: 'bench',
  AWS_REGION: 'us-east-1',
  ACCOUNT_ID: '111111111111',
  ASSETS_BUCKET: 'assets',
  RATE_LIMIT_PER_MINUTE: '0',
};
const service = await startService(
  loadConfig(settings, {
    ...(await chooseEngine(engine === 'real' ? 'real' : 'simulated', path)),
    options: { SANDBOX_HOME: home, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'bench' },
  }),
  createLogger({ level: 'info', file: `${home}/service.log`, secrets: [] }),
);
process.stdout.write(`  address  ${service.url}\n`);
stopOnSignals(() => service.stop());
