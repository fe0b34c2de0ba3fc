/** The pages of the web console in a real browser, over a real service: what a person sees and does. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { buildConsole } from '../../console/build/build-console.ts';
import { realtime } from '../support/realtime.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import type { View } from './browser.ts';
import { TestBrowser, VIEWS, findChromium } from './browser.ts';

const FIRST_LOAD_BYTES = 250_000;
const VIEW_NAMES = Object.keys(VIEWS) as View[];

/** The endpoint of the model "broken" cannot be created, once. */
const FAULTS = JSON.stringify([
  {
    type: 'aws:sagemaker/endpoint:Endpoint',
    operation: 'create',
    match: 'broken',
    code: 'ResourceLimitExceeded',
    message: 'The account-level service limit for ml.m5.large is 0 Instances.',
  },
]);

const STAGED = {
  inference_instance: { dev: 'ml.m5.large', staging: 'ml.m5.large', prod: 'ml.m5.xlarge' },
  data_capture_location: { dev: 'dev-bucket/x', staging: 'staging-bucket/x', prod: 'prod-bucket/x' },
};

describe('web console in a browser', function () {
  this.timeout(240_000);
  let browser: TestBrowser;
  let sandbox: TestSandbox;
  let bytes: number;

  before(async function () {
    const chromium = findChromium();
    if (!chromium) {
      process.stderr.write(
        '\nSKIPPED: the web console is not tested. No Chromium on the PATH: install "chromium", or set CHROMIUM.\n\n',
      );
      return this.skip();
    }
    bytes = (await buildConsole()).firstLoadBytes;
    sandbox = await startTestSandbox({ MULTI_ACCOUNT: 'Yes', SANDBOX_FAULTS: FAULTS });
    browser = await TestBrowser.launch(chromium);
  });

  after(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  afterEach(() => {
    // A page that violates its own policy, throws, or loads what is not there says so here.
    const complaints = browser?.complaints.splice(0) ?? [];
    assert.deepEqual(complaints, []);
  });

  async function open(path: string, view: View = 'wide'): Promise<Page> {
    const page = await browser.tab(view);
    await page.goto(`${sandbox.url}/console${path}`);
    return page;
  }

  async function provision(name: string): Promise<{ pipelineId: string; executionId: string }> {
    const answer = await sandbox.client.provision(await realtime(name, STAGED));
    return { pipelineId: answer.pipeline_id, executionId: answer.execution_id ?? '' };
  }

  it('says what to do while there is nothing, and is where `/` leads', async () => {
    for (const view of VIEW_NAMES) {
      const page = await browser.tab(view);
      await page.goto(sandbox.url);
      await page.getByRole('heading', { name: 'No pipelines yet' }).waitFor();
      assert.equal(new URL(page.url()).pathname, '/console/');
      await browser.inspect(page, 'pipelines-none');
      await page.close();
    }
  });

  it(`loads less than ${FIRST_LOAD_BYTES / 1_000} kB before it shows the first page`, async () => {
    const page = await browser.tab();
    let loaded = 0;
    page.on('response', (response) => {
      if (!response.url().includes('/console/')) return;
      loaded += Number(response.headers()['content-length'] ?? 0);
    });
    await page.goto(`${sandbox.url}/console/`);
    await page.getByRole('heading', { name: 'Pipelines', level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(bytes > 50_000 && bytes < FIRST_LOAD_BYTES, `${bytes} bytes before the page itself`);
    assert.ok(loaded > 50_000 && loaded < FIRST_LOAD_BYTES, `${loaded} bytes`);
    await page.close();
  });

  it('shows an execution live, as a tree and as a graph, until it waits for approval', async () => {
    const { executionId } = await provision('churn');
    const page = await open(`/executions/${executionId}`);
    const tree = page.getByRole('treegrid', { name: 'Resources of DeployDev' });
    await tree
      .getByRole('row', { name: /endpoint, .*created/i })
      .first()
      .waitFor();
    await page.getByRole('heading', { name: 'Waits for approval of staging' }).waitFor();
    await browser.inspect(page, 'execution');

    // The tree by keyboard: left closes a branch, right opens it.
    const rows = await tree.getByRole('row').count();
    const component = tree.getByRole('row', { name: /RealtimeInference/ }).first();
    await component.focus();
    await page.keyboard.press('ArrowLeft');
    assert.ok((await tree.getByRole('row').count()) < rows);
    await page.keyboard.press('ArrowRight');
    assert.equal(await tree.getByRole('row').count(), rows);

    await page.getByRole('tab', { name: 'Graph' }).click();
    await page.getByText('Controls').first().or(page.locator('.graph-node').first()).waitFor();
    await browser.inspect(page, 'execution-graph');
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.getByText('execution.queued').waitFor();
    await page.close();

    const narrow = await open(`/executions/${executionId}`, 'narrow');
    await narrow.getByRole('treegrid').waitFor();
    await browser.inspect(narrow, 'execution');
    await narrow.close();
  });

  it('explains a failure: the message, the resource, a hint, and a way to go on', async () => {
    const { pipelineId, executionId } = await provision('broken');
    for (const view of VIEW_NAMES) {
      const page = await open(`/executions/${executionId}`, view);
      const error = page.getByRole('group', { name: 'Error of DeployDev' });
      await error.getByText('service limit for ml.m5.large').first().waitFor();
      await error.getByText('Endpoint', { exact: false }).first().waitFor();
      await browser.inspect(page, 'execution-failed');
      await page.close();
    }
    const page = await open(`/executions/${executionId}`);
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('heading', { name: 'Waits for approval of staging' }).waitFor();
    await page.getByRole('link', { name: pipelineId }).click();
    await page.getByRole('heading', { name: 'broken', level: 1 }).waitFor();
    await page.close();
  });

  it('shows a pipeline: its environments, outputs, revisions, executions and drift', async () => {
    const { pipelineId } = await provision('churn');
    for (const view of VIEW_NAMES) {
      const page = await open(`/pipelines/${pipelineId}`, view);
      const board = page.getByRole('list', { name: 'Environments, in the order of promotion' });
      await board.getByText('Waits for approval').waitFor();
      assert.equal(await board.getByRole('listitem').count(), 3);
      await page.getByRole('heading', { name: 'How to call it' }).waitFor();
      await page.getByText('Model overview').waitFor();
      if (view === VIEW_NAMES[0]) {
        await page.getByText('Draft only').waitFor();
        await page.getByRole('button', { name: 'Save card' }).click();
        await page.getByText('Saved', { exact: true }).waitFor();
      }
      await browser.inspect(page, 'pipeline');
      for (const tab of ['Revisions', 'Executions', 'Jobs', 'Drift', 'Request'] as const) {
        await page.getByRole('tab', { name: tab, exact: true }).click();
        await page.getByRole('tabpanel', { name: tab }).waitFor();
        if (tab === 'Revisions') await page.getByRole('button', { name: 'r1: changes' }).click();
        if (tab === 'Executions') await page.getByRole('link', { name: /Provision r1/ }).waitFor();
        await browser.inspect(page, `pipeline-${tab.toLowerCase()}`);
      }
      await page.close();
    }
  });

  it('lists what runs where, and finds one by its name', async () => {
    for (const view of VIEW_NAMES) {
      const page = await open('/', view);
      await page.getByRole('link', { name: 'churn', exact: true }).waitFor();
      await page.getByRole('link', { name: 'broken', exact: true }).waitFor();
      await browser.inspect(page, 'pipelines');
      await page.getByRole('searchbox').fill('chu');
      await page.getByRole('link', { name: 'broken', exact: true }).waitFor({ state: 'detached' });
      assert.match(page.url(), /\?search=chu$/);
      await page.getByRole('searchbox').fill('nothing of this name');
      await page.getByRole('button', { name: 'Show all pipelines' }).click();
      await page.getByRole('link', { name: 'broken', exact: true }).waitFor();
      await page.close();
    }
  });

  it('can be used without a mouse, and says where one is', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'churn', exact: true }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    await page.getByRole('link', { name: 'Executions', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Executions', level: 1 }).waitFor();
    await page.waitForFunction('document.activeElement.tagName === "H1"');
    assert.equal(await page.title(), 'Executions · MLOps');
    await page.waitForFunction('document.getElementById("announcer").textContent.startsWith("Executions")');
    await browser.inspect(page, 'executions');
    await page.close();
  });

  it('keeps the theme that was chosen', async () => {
    const page = await open('/');
    const background = 'getComputedStyle(document.documentElement).backgroundColor';
    const light = await page.evaluate(background);
    await page.getByRole('radio', { name: 'Dark' }).click();
    await page.waitForFunction(`${background} !== ${JSON.stringify(light)}`);
    const dark = await page.evaluate(background);
    await page.reload();
    await page.getByRole('heading', { name: 'Pipelines', level: 1 }).waitFor();
    assert.equal(await page.evaluate(background), dark);
    await page.getByRole('radio', { name: 'As the system' }).click();
    await page.close();
  });

  it('says that a pipeline, an execution or a page does not exist', async () => {
    for (const [path, text] of [
      ['/pipelines/no-such-pipeline', 'There is no pipeline no-such-pipeline'],
      ['/executions/3f0c8d0e-4a9e-4c37-9d0b-6f7f0b5a2d11', 'There is no execution'],
      ['/no/such/page', 'The console has no such page'],
    ] as const) {
      const page = await open(path);
      await page.getByText(text).first().waitFor();
      await page.close();
    }
    // The browser logs every answer of 404 as an error.
    const others = browser.complaints.splice(0).filter((complaint) => !/status of 404/.test(complaint));
    assert.deepEqual(others, []);
  });

  it('offers to sign out where the API says that the person has signed in, and goes where it says', async () => {
    const others = await open('/');
    await others.getByRole('heading', { name: 'Pipelines', level: 1 }).waitFor();
    assert.equal(await others.getByRole('button', { name: 'Sign out' }).count(), 0);
    await others.close();
    // In a sandbox nobody signs in: the answers of the API are those that a person behind a load balancer gets.
    const page = await browser.tab();
    await page.route('**/console/', async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      await route.fulfill({
        response,
        body: html.replace('name="sign-out" content="no"', 'name="sign-out" content="yes"'),
      });
    });
    await page.route('**/sign-out', (route) => route.fulfill({ json: { location: `${sandbox.url}/docs` } }));
    await page.goto(`${sandbox.url}/console/`);
    const signOut = page.getByRole('button', { name: 'Sign out' });
    await signOut.waitFor();
    await browser.inspect(page, 'sign-out');
    await signOut.click();
    await page.waitForURL('**/docs**');
    await page.close();
  });

  it('lets no page of another origin act through it', async () => {
    const page = await browser.tab();
    await page.route('http://attacker.example/', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>x</h1>' }),
    );
    await page.goto('http://attacker.example/');
    const before = (await sandbox.client.call<unknown[]>('GET', '/pipelines')).length;
    // As a form would be sent: no preflight, and the page cannot read the answer.
    const answer = await page.evaluate<string>(
      `fetch(${JSON.stringify(`${sandbox.url}/provisionpipeline`)}, {
        method: 'POST', mode: 'no-cors', body: ${JSON.stringify(JSON.stringify(await realtime('attack', STAGED)))},
      }).then(({ type }) => type, String)`,
    );
    assert.ok(answer === 'opaque' || /TypeError/.test(answer), answer);
    assert.equal((await sandbox.client.call<unknown[]>('GET', '/pipelines')).length, before);
    browser.complaints.splice(0);
    await page.close();
  });
});
