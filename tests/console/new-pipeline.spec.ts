/** The form for a new pipeline in a real browser: what a person sees and does from the choice of a type to the execution. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { buildConsole } from '../../console/build/build-console.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { TestBrowser, findChromium } from './browser.ts';

const PIPELINE = 'mlops-pipeline-churn-byompipelinerealtimebuiltin';

describe('a new pipeline in the web console, in a browser', function () {
  this.timeout(240_000);
  let browser: TestBrowser;
  let sandbox: TestSandbox;

  before(async function () {
    const chromium = findChromium();
    if (!chromium) {
      process.stderr.write(
        '\nSKIPPED: the form of the web console is not tested. No Chromium on the PATH: install "chromium", or set CHROMIUM.\n\n',
      );
      return this.skip();
    }
    await buildConsole();
    sandbox = await startTestSandbox({ MULTI_ACCOUNT: 'Yes', REQUESTER_MAY_APPROVE: 'Yes' });
    browser = await TestBrowser.launch(chromium);
  });

  after(async () => {
    await browser?.close();
    await sandbox?.stop();
  });

  afterEach(() => {
    // The browser logs every answer of 400 as an error: those of the validation are what the form shows.
    const complaints = browser?.complaints.splice(0) ?? [];
    assert.deepEqual(
      complaints.filter((complaint) => !/status of 400/.test(complaint)),
      [],
    );
  });

  async function open(path: string): Promise<Page> {
    const page = await browser.tab();
    await page.goto(`${sandbox.url}/console${path}`);
    return page;
  }

  it('provisions from the form: the messages of the API at the fields, JSON in step, a preview first', async () => {
    const page = await open('/new');

    await page.getByRole('link', { name: 'Real-time inference with a built-in algorithm' }).click();
    const panel = page.getByRole('complementary', { name: 'Check and provision' });
    await panel.getByText('to fill in or to correct').waitFor();
    assert.ok(await panel.getByRole('button', { name: 'Provision' }).isDisabled());
    await panel.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('is required').first().waitFor();
    await page.waitForFunction('document.activeElement.tagName === "INPUT"');

    await page.getByRole('button', { name: 'Fill in the example' }).click();
    await page.getByRole('textbox', { name: /^Model name/ }).fill('churn');
    await page.getByRole('tab', { name: 'JSON' }).click();
    const json = page.getByRole('textbox', { name: 'Request' });
    const request = JSON.parse(await json.inputValue()) as Record<string, unknown>;
    assert.equal(request.model_name, 'churn');
    await json.fill(JSON.stringify({ ...request, inference_instance: 'ml.m5.xlarge' }));
    await page.getByRole('tab', { name: 'Form' }).click();
    assert.equal(await page.getByRole('textbox', { name: /^Inference instance/ }).inputValue(), 'ml.m5.xlarge');
    await panel.getByText('The request is valid.').waitFor();
    await panel.getByText(PIPELINE).waitFor();

    await panel.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('tabpanel', { name: 'Preview' }).getByText('created').first().waitFor();

    await panel.getByRole('button', { name: 'Provision' }).click();
    await page.waitForURL(/\/executions\//);
    await page.close();
  });
});
