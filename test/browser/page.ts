import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type AboutPage, composePage } from '../../src/audit/page.ts';
import { type AuditedHistory } from '../../src/domain/audit.ts';
import { aboutPage } from '../audit/about-page.ts';
import { ask, hasProgram } from '../support/programs.ts';

/** Whether a Chromium is here; whoever asks for one that is not says so and is skipped. */
export const hasChromium = hasProgram('chromium');

/** How a page is looked at. */
export interface Look {
  /** Default: 1400 pixels. */
  width?: number;
  /** Default: light. */
  colorScheme?: 'light' | 'dark';
  /** Behind the page's address. Default: nothing. */
  hash?: string;
  /** Default: with. */
  javaScriptEnabled?: boolean;
}

/** A page that is open, and what the browser said of it. */
export interface OpenPage {
  page: Page;
  /** What stands in the console, errors and violations of the page's policy. */
  complaints: string[];
  /** Every address that was asked for. */
  requests: string[];
  /** The page's own address. */
  url: string;
}

/** The one Chromium of the file that calls it, once, at its top. Nothing leaves this machine: pages are files. */
export function useChromium() {
  let browser: Browser | undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'rollcall-browser-'));
  beforeAll(async () => {
    if (!hasChromium) return;
    const [executablePath = ''] = ask('sh', ['-c', 'command -v chromium']).said.split('\n');
    // Its sandbox does not work for root.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let files = 0;
  return {
    async open(html: string, look: Look = {}): Promise<OpenPage> {
      if (browser === undefined) throw new Error('There is no Chromium.');
      const { width = 1400, colorScheme = 'light', hash = '', javaScriptEnabled = true } = look;
      const file = path.join(folder, `audit-${(files += 1)}.html`);
      writeFileSync(file, html);
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme,
        javaScriptEnabled,
        offline: true,
      });
      onTestFinished(() => context.close());
      const page = await context.newPage();
      const opened = {
        page,
        complaints: [] as string[],
        requests: [] as string[],
        url: pathToFileURL(file).href,
      };
      page.on('console', (message) => opened.complaints.push(message.text()));
      page.on('pageerror', (error) => opened.complaints.push(String(error)));
      page.on('request', (request) => opened.requests.push(request.url()));
      await page.goto(opened.url + hash);
      return opened;
    },
  };
}

/** The page of a history, made when the invented nights end. */
export function pageOf(history: AuditedHistory, about: Partial<AboutPage> = {}): string {
  return composePage(history, { ...aboutPage, ...about }).html;
}
