/** The pages on which people ask and decide, in a real browser: a new pipeline from the form, approvals, the records. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { buildConsole } from '../../console/build/build-console.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import type { View } from './browser.ts';
import { TestBrowser, VIEWS, findChromium } from './browser.ts';

const VIEW_NAMES = Object.keys(VIEWS) as View[];
const PIPELINE = 'mlops-pipeline-churn-byompipelinerealtimebuiltin';

describe('deciding in the web console, in a browser', function () {
  this.timeout(240_000);
  let browser: TestBrowser;
  let sandbox: TestSandbox;

  before(async function () {
    const chromium = findChromium();
    if (!chromium) {
      process.stderr.write(
        '\nSKIPPED: the form and the approvals of the web console are not tested. No Chromium on the PATH: install "chromium", or set CHROMIUM.\n\n',
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

  async function open(path: string, view: View = 'wide'): Promise<Page> {
    const page = await browser.tab(view);
    await page.goto(`${sandbox.url}/console${path}`);
    return page;
  }

  it('provisions from the form: the messages of the API at the fields, JSON in step, a preview first', async () => {
    const page = await open('/new');
    await page.getByRole('link', { name: 'Real-time inference with a built-in algorithm' }).waitFor();
    await browser.inspect(page, 'new');
    await page.getByRole('link', { name: 'Real-time inference with a built-in algorithm' }).click();
    const panel = page.getByRole('complementary', { name: 'Check and provision' });
    await panel.getByText('to fill in or to correct').waitFor();
    assert.ok(await panel.getByRole('button', { name: 'Provision' }).isDisabled());
    await panel.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('is required').first().waitFor();
    await page.waitForFunction('document.activeElement.tagName === "INPUT"');
    await browser.inspect(page, 'new-faults');

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
    await page
      .getByRole('tabpanel', { name: 'Preview' })
      .getByText(/^18\s+to create$/)
      .first()
      .waitFor();
    await browser.inspect(page, 'new-preview');
    await panel.getByRole('button', { name: 'Provision' }).click();
    await page.waitForURL(/\/executions\//);
    await page.close();
  });

  it('approves a change after a look at it, and rejects the next one with a reason', async () => {
    for (const view of VIEW_NAMES) {
      const page = await open('/approvals', view);
      await page.getByRole('link', { name: `Review Provision r1 of ${PIPELINE} for staging` }).waitFor();
      await browser.inspect(page, 'approvals');
      await page.close();
    }
    const page = await open('/approvals');
    await page.getByRole('link', { name: /^Review Provision r1/ }).click();
    await page.getByRole('heading', { name: 'What changes' }).waitFor();
    await browser.inspect(page, 'approval');
    await page.getByLabel('Reason').fill('Tested in dev.');
    await page.getByRole('button', { name: 'Approve …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL(/\/executions\//);

    await page.getByRole('link', { name: 'Review the change' }).click();
    await page.getByRole('heading', { name: 'Provision r1 in prod' }).waitFor();
    await page.getByRole('button', { name: 'Reject …' }).click();
    await page.getByText('Say why', { exact: false }).waitFor();
    assert.equal(await page.getByRole('dialog').count(), 0);
    await page.getByLabel('Reason').fill('Not before the audit.');
    await page.getByRole('button', { name: 'Reject …' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).click();
    await page.waitForURL(/\/executions\//);
    await page.getByText('Rejected').first().waitFor();
    const [latest] = await sandbox.client.call<{ status: string; decisions: { comment: string }[] }[]>(
      'GET',
      '/executions',
    );
    assert.equal(latest?.status, 'Rejected');
    assert.deepEqual(
      latest.decisions.map(({ comment }) => comment),
      ['Tested in dev.', 'Not before the audit.'],
    );
    await page.close();
  });

  it('begins again with the request of a pipeline, and keeps records of everything', async () => {
    await sandbox.client.call('POST', '/provisionpipeline', {
      pipeline_type: 'create_model_card',
      name: 'churn-card',
      intended_uses: { purpose_of_model: 'Keeps customers.' },
    });
    for (const view of VIEW_NAMES) {
      const page = await open(`/new?from=${PIPELINE}`, view);
      await page.getByText('The request is valid.').waitFor();
      assert.equal(await page.getByRole('textbox', { name: /^Model name/ }).inputValue(), 'churn');
      await browser.inspect(page, 'new-again');
      for (const [path, text] of [
        ['audit', 'approve'],
        ['notifications', 'Approval needed for staging'],
        ['deliveries', 'No deliveries'],
        ['insights', 'Deployments and approvals'],
        ['cards', 'churn-card'],
        ['cards/churn-card', 'Keeps customers.'],
      ] as const) {
        await page.goto(`${sandbox.url}/console/${path}`);
        await page.getByText(text).filter({ visible: true }).first().waitFor();
        await page.waitForLoadState('networkidle');
        await browser.inspect(page, path.replace('/', '-'));
      }
      await page.close();
    }
  });

  it('shows an older version of a card, and exports the one that is shown', async () => {
    await sandbox.client.call('POST', '/provisionpipeline', {
      pipeline_type: 'update_model_card',
      name: 'churn-card',
      intended_uses: { purpose_of_model: 'Keeps good customers.' },
    });
    for (const view of VIEW_NAMES) {
      const page = await open('/cards/churn-card', view);
      await page.getByText('Keeps good customers.').waitFor();
      await page.getByRole('button', { name: 'Version of the card' }).click();
      await page.getByRole('option', { name: /^version 1/ }).click();
      await page.getByText('Keeps customers.').waitFor();
      assert.equal(new URL(page.url()).search, '?version=1');
      await page.getByRole('button', { name: 'Export' }).click();
      await browser.inspect(page, 'cards-export');
      const downloaded = page.waitForEvent('download');
      await page.getByRole('menuitem', { name: /^JSON/ }).click();
      assert.equal((await downloaded).suggestedFilename(), 'churn-card-1.json');
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: /^PDF/ }).click();
      await page.getByText(/has been exported to s3:/).waitFor();
      await page.close();
    }
  });

  it('sends a notification again', async () => {
    const page = await open('/notifications');
    const resend = page.getByRole('button', { name: /^Resend Approval needed for prod/ });
    await resend.click();
    await page.getByText(/is sent again\.$/).waitFor();
    await resend.waitFor();
    await page.close();
    const { entries } = await sandbox.client.call<{ entries: { action: string }[] }>('GET', '/audit?action=resend');
    assert.equal(entries.length, 1);
  });
});
