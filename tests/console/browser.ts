/**
 * A Chromium for the specs of the web console: opens pages as a person would, notes everything that the browser complains
 * about, checks accessibility, and keeps screenshots.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { TIMEOUT_SCALE } from '../support/until.ts';

/** In .gitignore; CI may keep it. */
const SCREENSHOTS = fileURLToPath(new URL('../../artifacts/console/', import.meta.url));

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The two that differ most: what works at both works in between. */
export const VIEWS = {
  wide: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  narrow: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
} as const;

export type View = keyof typeof VIEWS;

/** @returns the path of a Chromium: `CHROMIUM`, or one on the PATH; undefined if there is none */
export function findChromium(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env;
  if (CHROMIUM) return CHROMIUM;
  return PATH.split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
}

export class TestBrowser {
  readonly #browser: Browser;
  readonly #axe: string;
  readonly #contexts = new Map<View, BrowserContext>();
  /** What pages logged as errors, threw, or could not load. */
  readonly complaints: string[] = [];

  private constructor(browser: Browser, axe: string) {
    this.#browser = browser;
    this.#axe = axe;
  }

  static async launch(executablePath: string): Promise<TestBrowser> {
    await mkdir(SCREENSHOTS, { recursive: true });
    const axe = await readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
    // Chromium's own sandbox needs rights that containers of CI do not have; it opens no page but ours.
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
    return new TestBrowser(browser, axe);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /** A new tab, with nothing open. */
  async tab(view: View = 'wide'): Promise<Page> {
    let context = this.#contexts.get(view);
    if (!context) {
      context = await this.#browser.newContext({ ...VIEWS[view], reducedMotion: 'reduce', locale: 'en-GB' });
      context.setDefaultTimeout(60_000 * TIMEOUT_SCALE);
      this.#contexts.set(view, context);
    }
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`${page.url()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`${page.url()}: ${error.stack ?? error.message}`));
    return page;
  }

  /** Checks what a page shows now: no accessibility violation, nothing wider than the window; keeps a picture. */
  async inspect(page: Page, name: string): Promise<void> {
    const view = page.viewportSize()?.width === VIEWS.narrow.viewport.width ? 'narrow' : 'wide';
    await page.screenshot({ path: join(SCREENSHOTS, `${name}-${view}.png`), fullPage: true });
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    assert.ok(overflow <= 0, `${name}, ${view}: the page is ${overflow} px wider than the window`);
    // Not as a script element, which the policy of the page forbids.
    await page.evaluate(this.#axe);
    const violations = await page.evaluate<string[]>(
      `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, help, nodes }) =>
        id + ': ' + help + ' (' + nodes.map(({ target, failureSummary }) => target + ' ' + failureSummary).join('; ') + ')'))`,
    );
    assert.deepEqual(violations, [], `${name}, ${view}`);
  }
}
