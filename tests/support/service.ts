/** The service with the engine under test on a database that others share: `DATABASE_URL` and `SANDBOX_HOME` say where. */
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import { startService } from '../../api/server.ts';
import { stopOnSignals } from '../../api/stop-on-signals.ts';
import { keepCompiledCode } from '../../automation/stacks/bundle/compiled-code.ts';
import { loadConfig } from '../../automation/config/config.ts';
import { engineUnderTest } from './engine.ts';

const { SANDBOX_HOME: home = '', SANDBOX_SPEED: speed = '1', SANDBOX_FAULTS: faults = '[]' } = process.env;
void start();

async function start(): Promise<void> {
  const service = await startService(
    loadConfig(
      {
        ...process.env,
        PULUMI_BACKEND_URL: pathToFileURL(home).href,
        PULUMI_CONFIG_PASSPHRASE: 'x',
        AWS_REGION: 'us-east-1',
        ASSETS_BUCKET: 'assets',
        ACCOUNT_ID: '111111111111',
      },
      {
        ...(await engineUnderTest()),
        options: { SANDBOX_HOME: home, SANDBOX_SPEED: speed, SANDBOX_FAULTS: faults, PULUMI_CONFIG_PASSPHRASE: 'x' },
      },
    ),
    pino({ level: 'silent' }),
  );
  process.stdout.write(`  address  ${service.url}\n`);
  stopOnSignals(() => service.stop());
  // It is killed, so it would never write it.
  keepCompiledCode('started');
}
