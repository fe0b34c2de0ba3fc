import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import pino from 'pino';
import type { EngineSettings } from '../../../automation/engine/engine.ts';
import { findEngine } from '../../../automation/engine/installed-engine.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('the engine as found at the start', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  /** An engine module whose answers a file says, one a line, the last one for ever. */
  async function settingsOf(...answers: string[]): Promise<EngineSettings> {
    const module = join(folder.path, 'engine.mjs');
    await writeFile(
      module,
      `const answers = ${JSON.stringify(answers)};
       export const asked = [];
       export async function findVersion() {
         asked.push(1);
         const answer = answers.length > 1 ? answers.shift() : answers[0];
         if (answer.startsWith('!')) throw new Error(answer.slice(1));
         return answer;
       }`,
    );
    return { kind: 'cli', module: pathToFileURL(module).href, options: {} };
  }

  it('is asked once, and children get its version', async () => {
    const settings = await settingsOf('3.274.1', '3.0.0');
    const engine = await findEngine(settings, pino({ level: 'silent' }));
    assert.equal((await engine.settings()).version, '3.274.1');
    assert.equal((await engine.settings()).version, '3.274.1');
    assert.deepEqual(await engine.state(), { ok: true, detail: 'Pulumi CLI 3.274.1' });
    const { asked } = (await import(settings.module)) as { asked: number[] };
    assert.equal(asked.length, 1);
  });

  it('makes the service not ready where it is too old', async () => {
    const engine = await findEngine(await settingsOf('3.100.0'), pino({ level: 'silent' }));
    const { ok, detail } = await engine.state();
    assert.equal(ok, false);
    assert.match(detail, /3\.100\.0 is older than/);
  });

  it('makes the service not ready while there is none, and is asked again', async () => {
    const engine = await findEngine(await settingsOf('!no CLI', '!no CLI', '3.270.0'), pino({ level: 'silent' }));
    assert.deepEqual(await engine.state(), { ok: false, detail: 'no CLI' });
    assert.deepEqual(await engine.state(), { ok: true, detail: 'Pulumi CLI 3.270.0' });
  });
});
