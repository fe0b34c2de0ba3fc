/** `npm run bench -- recover`: from SIGKILL of the service in mid-deployment and immediate restart to the execution moving again. */
import { OrchestratorClient } from '../orchestrator-client.ts';
import { startSandboxProcess } from '../sandbox-process.ts';
import { realtimeRequest } from './request.ts';

export async function recover(home: string): Promise<void> {
  // An endpoint takes 15 s here, so that the service dies in the middle of it.
  const env = { SANDBOX_HOME: home, SANDBOX_SPEED: '10' };
  const first = await startSandboxProcess(env);
  const client = new OrchestratorClient(first.url);
  const { execution_id: id = '' } = await client.provision(await realtimeRequest('recover'));
  let last = 0;
  for await (const event of client.follow(id)) {
    last = event.sequence;
    if (event.type === 'resource.creating' && String(event.data.resourceType).includes('sagemaker/endpoint:')) break;
  }
  const killed = performance.now();
  await first.kill();
  const second = await startSandboxProcess(env);
  try {
    const restarted = performance.now();
    for await (const event of new OrchestratorClient(second.url).follow(id)) {
      if (event.sequence <= last) continue;
      const seconds = (since: number) => ((performance.now() - since) / 1_000).toFixed(1);
      console.log(`restarted after  ${((restarted - killed) / 1_000).toFixed(1)} s`);
      console.log(`moving again     ${seconds(killed)} s after SIGKILL (first event: ${event.type})`);
      break;
    }
    const { status } = await new OrchestratorClient(second.url).finished(id);
    console.log(`execution        ${status}`);
    if (status !== 'Succeeded') process.exitCode = 1;
  } finally {
    await second.stop();
  }
}
