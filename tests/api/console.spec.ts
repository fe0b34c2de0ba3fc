import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { REQUEST, testApi } from '../support/api.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const INDEX =
  '<!doctype html><base href="./" /><meta name="sign-out" content="no" /><script type="module" src="./assets/index-abc.js"></script>';
const ONE = '1111111111111111';
const TWO = '2222222222222222';
const SCRIPT = 'console.log("built");';

describe('the web console', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async () => {
    folder = await temporaryFolder();
    const assets = join(folder.path, ONE, 'assets');
    await mkdir(assets, { recursive: true });
    await writeFile(join(folder.path, ONE, 'index.html'), INDEX);
    await writeFile(join(assets, 'index-abc.js'), SCRIPT);
    await writeFile(join(assets, 'index-abc.js.gz'), gzipSync(SCRIPT));
    await writeFile(join(assets, 'icon.svg'), '<svg/>');
    await writeFile(join(folder.path, 'current'), `${ONE}\n`);
    await writeFile(join(folder.path, 'secret.txt'), 'keep out');
  });

  after(() => folder.remove());

  const built = (settings = {}) => testApi(settings, undefined, undefined, folder.path);

  it('is a page at every address below /console/, under a policy without exceptions', async () => {
    const { app } = built();
    for (const [path, base] of [
      ['/console/', './'],
      ['/console/executions', './'],
      ['/console/pipelines/mlops-pipeline-a.b', '../'],
      ['/console/a/b/c?d=e/f', '../../'],
    ] as const) {
      const { text, headers } = await request(app).get(path).expect(200).expect('Content-Type', /html/);
      assert.ok(text.includes(`<base href="${base}"`), `${path}: ${text}`);
      assert.equal(new URL(base, new URL(path, 'http://api')).pathname, '/console/');
      assert.ok(text.includes('<meta name="sign-out" content="no"'), 'nobody has signed in');
      assert.equal(headers['cache-control'], 'no-cache');
      const policy = headers['content-security-policy'] ?? '';
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.ok(!/unsafe|data:|\*|https?:/.test(policy), policy);
      assert.match(policy, /frame-ancestors 'none'/);
    }
    await request(app).get('/console').expect(308).expect('Location', 'console/');
    await request(app).head('/console/').expect(200);
  });

  it('keeps files with a hash in their name forever, compressed where the browser takes it', async () => {
    const { app } = built();
    const packed = await request(app)
      .get('/console/assets/index-abc.js')
      .set('Accept-Encoding', 'gzip, deflate')
      .buffer(true)
      .parse((response, done) => {
        // superagent has decompressed it already.
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => done(null, text));
      })
      .expect(200)
      .expect('Content-Encoding', 'gzip')
      .expect('Content-Type', /javascript/)
      .expect('Vary', /Accept-Encoding/);
    assert.equal(packed.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(packed.body, SCRIPT);
    const plain = await request(app).get('/console/assets/index-abc.js').set('Accept-Encoding', 'identity').expect(200);
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.text, SCRIPT);
    await request(app).get('/console/assets/icon.svg').expect(200).expect('Content-Type', /svg/);
  });

  it('answers 404 for files that the build does not have, and 405 for other methods', async () => {
    const { app } = built();
    for (const path of [
      'assets/index-old.js',
      'assets/',
      'assets/..%2findex.html',
      'assets/..%2f..%2fsecret.txt',
      'assets/%2e%2e/index.html',
    ]) {
      const { headers, text } = await request(app).get(`/console/${path}`);
      assert.ok(!text.includes('keep out'), path);
      if (!path.includes('%2e')) assert.equal(headers['x-error-code'], 'PATH_NOT_FOUND', path);
    }
    for (const method of ['post', 'delete', 'put'] as const) {
      const { headers } = await request(app)[method]('/console/').expect(405);
      assert.equal(headers.allow, 'GET, HEAD');
    }
  });

  it('is where `/` sends a browser, and one of the links of a program, once it is built', async () => {
    const { app } = built();
    const { headers } = await request(app).get('/').set('Accept', BROWSER).expect(303);
    assert.equal(headers.location, 'console/');
    const { body } = await request(app).get('/').expect(200);
    assert.equal(body.links.console, 'console/');
  });

  it('says that it is not built, with 503, and shows itself as soon as it is', async () => {
    const empty = await temporaryFolder();
    try {
      const { app } = testApi({}, undefined, undefined, empty.path);
      const page = await request(app).get('/console/pipelines/x').expect(503).expect('Content-Type', /html/);
      assert.match(page.text, /npm run console:build/);
      assert.ok(page.headers['retry-after']);
      await request(app).get('/console/assets/index-abc.js').expect(503);
      await request(app).get('/').set('Accept', BROWSER).expect(303).expect('Location', 'docs');
      await mkdir(join(empty.path, TWO, 'assets'), { recursive: true });
      await writeFile(join(empty.path, TWO, 'index.html'), INDEX);
      await writeFile(join(empty.path, 'current'), `${TWO}\n`);
      await request(app).get('/console/').expect(200);
      // A page that was opened before an update loads parts of its own build.
      await writeFile(join(empty.path, TWO, 'assets', 'graph-old.js'), SCRIPT);
      await mkdir(join(empty.path, ONE, 'assets'), { recursive: true });
      await writeFile(join(empty.path, ONE, 'index.html'), INDEX);
      await writeFile(join(empty.path, 'current'), `${ONE}\n`);
      await request(app).get('/console/assets/graph-old.js').expect(200);
    } finally {
      await empty.remove();
    }
  });

  it('gives no page of another origin a way in: neither its address nor the API takes their requests', async () => {
    const { app, orchestrator } = built();
    const own = { Host: '127.0.0.1:8080' };
    for (const foreign of [
      { ...own, Origin: 'https://attacker.example', 'Sec-Fetch-Site': 'cross-site' },
      { ...own, Origin: 'http://127.0.0.1:3000', 'Sec-Fetch-Site': 'same-site' },
      // A browser that does not send Sec-Fetch-Site.
      { ...own, Origin: 'http://127.0.0.1:3000' },
      { ...own, Origin: 'null' },
      { Host: 'attacker.example', Origin: 'http://attacker.example', 'Sec-Fetch-Site': 'same-origin' },
    ]) {
      for (const path of ['/provisionpipeline', '/console/', '/console/provisionpipeline']) {
        await request(app).post(path).set(foreign).send(REQUEST).expect(403);
      }
      await request(app).get('/console/assets/index-abc.js').set(foreign).expect(403);
    }
    assert.deepEqual(orchestrator.calls, []);
    await request(app)
      .post('/provisionpipeline')
      .set({ ...own, Origin: 'http://127.0.0.1:8080', 'Sec-Fetch-Site': 'same-origin' })
      .send(REQUEST)
      .expect(200);
  });

  it('requires the gateway, like any other call, where there is one', async () => {
    const { app } = built({ gatewaySecret: 'a-secret-of-the-gateway' });
    await request(app).get('/console/').expect(401);
    await request(app).get('/console/assets/index-abc.js').expect(401);
  });
});
