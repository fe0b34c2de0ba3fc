/** The settings of a service whose stacks are simulated: three accounts, and approvals that are hard to get. */
import type { Config } from '../../automation/config/config.ts';
import { loadConfig } from '../../automation/config/config.ts';
import { GATEWAY_SECRET } from './callers.ts';

export const APPROVAL_SECONDS = 3_600;

/** @param env laid over the usual settings */
export function simulatedConfig(databaseUrl: string, env: Record<string, string> = {}): Config {
  return loadConfig(
    {
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      GATEWAY_SECRET,
      RATE_LIMIT_PER_MINUTE: '0',
      PULUMI_BACKEND_URL: 'file:///nowhere',
      PULUMI_CONFIG_PASSPHRASE: 'x',
      AWS_REGION: 'us-east-1',
      ASSETS_BUCKET: 'assets',
      ACCOUNT_ID: '111111111111',
      MULTI_ACCOUNT: 'Yes',
      DEV_ACCOUNT_ID: '222222222222',
      STAGING_ACCOUNT_ID: '333333333333',
      PROD_ACCOUNT_ID: '444444444444',
      PROD_MINIMUM_APPROVERS: '2',
      REQUESTER_MAY_APPROVE: 'No',
      APPROVAL_EXPIRY_SECONDS: String(APPROVAL_SECONDS),
      WORKER_CONCURRENCY: '32',
      ...env,
    },
    // Stacks are simulated; the accounts are those of the sandbox, in `SANDBOX_HOME`.
    {
      kind: 'sandbox',
      module: new URL('../../sandbox/child-engine.ts', import.meta.url).href,
      ...(env.SANDBOX_HOME ? { options: { SANDBOX_HOME: env.SANDBOX_HOME, SANDBOX_SPEED: '0' } } : {}),
    },
  );
}
