/** The commands of the build, run by a shell with stand-ins for `aws` and `docker` that record their arguments. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { buildspec } from '../../blueprints/image-builder/buildspec.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const REGISTRY = '111111111111.dkr.ecr.us-east-1.amazonaws.com';
const IMAGE_URI = `${REGISTRY}/team/algorithms:v1`;
const DIGEST = `sha256:${'a'.repeat(64)}`;

interface Buildspec {
  version: number;
  env: { shell: string; 'exported-variables': string[] };
  phases: Record<'pre_build' | 'build' | 'post_build', { commands: string[] }>;
}

const spec = () => JSON.parse(buildspec()) as Buildspec;

/** Writes each call down; `docker` reads the password as the real one does. */
const STAND_IN = `#!/bin/sh
case "$(basename "$0") $1" in
  'docker login') printf '%s %s < %s\\n' docker "$*" "$(cat)" >> "$CALLS";;
  'docker inspect') printf '%s' "$IMAGE_URI_WITHOUT_TAG@${DIGEST}";;
  'aws ecr') printf '%s %s\\n' aws "$*" >> "$CALLS"; printf 'token';;
  *) printf '%s %s\\n' "$(basename "$0")" "$*" >> "$CALLS";;
esac
`;

describe('the buildspec of the image builder', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let source: string;
  let calls: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    source = join(folder.path, 'source');
    calls = join(folder.path, 'calls');
    await mkdir(join(source, 'code', 'deep'), { recursive: true });
    await mkdir(join(folder.path, 'bin'));
    for (const tool of ['aws', 'docker']) {
      await writeFile(join(folder.path, 'bin', tool), STAND_IN);
      await chmod(join(folder.path, 'bin', tool), 0o755);
    }
    await writeFile(calls, '');
  });

  afterEach(() => folder.remove());

  /** One phase in one shell, as CodeBuild runs it: a command that fails ends it. */
  async function runPhase(
    phase: keyof Buildspec['phases'],
    succeeding = '1',
  ): Promise<{ code: number; output: string }> {
    const script = ['set -e', ...spec().phases[phase].commands, 'echo "digest=$IMAGE_DIGEST"'].join('\n');
    const child = spawn('bash', ['-c', script], {
      cwd: source,
      env: {
        PATH: `${join(folder.path, 'bin')}:${process.env.PATH ?? ''}`,
        REGISTRY,
        IMAGE_URI,
        IMAGE_URI_WITHOUT_TAG: IMAGE_URI.replace(/:v1$/, ''),
        CODEBUILD_BUILD_SUCCEEDING: succeeding,
        CALLS: calls,
      },
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? -1));
    });
    return { code, output };
  }

  const recorded = async () => (await readFile(calls, 'utf8')).split('\n').filter(Boolean);

  it('logs in to the registry with a token that no command line shows', async () => {
    assert.equal((await runPhase('pre_build')).code, 0);
    assert.deepEqual(await recorded().then((lines) => lines.sort()), [
      'aws ecr get-login-password',
      `docker login --username AWS --password-stdin ${REGISTRY} < token`,
    ]);
  });

  it('lets everybody run what SageMaker runs, and only the owner write it', async () => {
    const programs = ['serve', 'code/Train', 'code/deep/SERVE'];
    const others = ['observe', 'code/train.py'];
    for (const file of [...programs, ...others]) {
      await writeFile(join(source, file), '');
      await chmod(join(source, file), 0o600);
    }
    await mkdir(join(source, 'train'), { mode: 0o700 });
    assert.equal((await runPhase('pre_build')).code, 0);
    const mode = async (file: string) => (await stat(join(source, file))).mode & 0o777;
    for (const file of programs) assert.equal(await mode(file), 0o755, file);
    for (const file of others) assert.equal(await mode(file), 0o600, file);
    assert.equal(await mode('train'), 0o700, 'folders are left alone');
  });

  it('builds the root of the zip under the name of the image', async () => {
    assert.equal((await runPhase('build')).code, 0);
    assert.deepEqual(await recorded(), [`docker build --tag ${IMAGE_URI} .`]);
  });

  it('pushes what was built, and exports its digest', async () => {
    const { code, output } = await runPhase('post_build');
    assert.equal(code, 0, output);
    assert.deepEqual(await recorded(), [`docker push ${IMAGE_URI}`]);
    assert.match(output, new RegExp(`^digest=${DIGEST}$`, 'm'));
    assert.match(output, new RegExp(`^${IMAGE_URI}@${DIGEST}$`, 'm'));
    assert.deepEqual(spec().env, { shell: 'bash', 'exported-variables': ['IMAGE_DIGEST'] });
  });

  it('pushes nothing after a build that failed', async () => {
    assert.notEqual((await runPhase('post_build', '0')).code, 0);
    assert.deepEqual(await recorded(), []);
  });

  it('holds no text of a request: names come in as variables', () => {
    assert.deepEqual(
      new Set(buildspec().match(/\$[A-Z_]+/g)),
      new Set(['$REGISTRY', '$IMAGE_URI', '$CODEBUILD_BUILD_SUCCEEDING', '$IMAGE_DIGEST']),
    );
  });
});
