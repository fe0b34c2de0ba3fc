/** The baseline: a bare Automation API script in a fresh Node process. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ChosenEngine } from '../../sandbox/engine-choice.ts';
import { requestToOperation } from './operation.ts';
import { realtimeRequest } from './request.ts';

/** Brings a real-time pipeline up. @throws if the script fails */
export async function throughScript(home: string, model: string, { kind, module, root }: ChosenEngine): Promise<void> {
  const operation = requestToOperation(await realtimeRequest(model), {
    kind,
    module,
    ...(root === undefined ? {} : { root }),
    backendUrl: pathToFileURL(home).href,
    options: { SANDBOX_HOME: home, SANDBOX_SPEED: '0', PULUMI_CONFIG_PASSPHRASE: 'sandbox' },
  });
  const script = fileURLToPath(new URL('./bare-up.ts', import.meta.url));
  const child = execFile(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    script,
    JSON.stringify(operation),
  ]);
  let said = '';
  child.stderr?.on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the bare script ended with ${String(code)}: ${said}`);
}
