import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Where systems put Chromium or Chrome; `EQUIMODAL_CHROMIUM` names another. */
const PLACES = [process.env['EQUIMODAL_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser on this machine, or undefined: tests that need one say so and are skipped. */
export const browserPath = PLACES.find((place) => place !== undefined && existsSync(place));

export interface Visit {
  readonly page: Page;
  /** What the console, the scripts and the network complained of. */
  readonly complaints: readonly string[];
}

/** Opens pages without a network. */
export class OfflineBrowser {
  private constructor(private readonly browser: Browser) {}

  static async start(): Promise<OfflineBrowser> {
    return new OfflineBrowser(await chromium.launch({ executablePath: browserPath!, args: ['--no-sandbox'] }));
  }

  /** Opens a file; every request beside the file itself is a complaint. */
  async open(file: string, { dark = false, width = 1280 }: { dark?: boolean; width?: number } = {}): Promise<Visit> {
    const context = await this.browser.newContext({
      colorScheme: dark ? 'dark' : 'light',
      viewport: { width, height: 900 },
      offline: true,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    const address = `file://${file}`;
    page.on('console', (message) => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url().slice(0, 80)}`));
    page.on('request', (request) => {
      if (request.url() !== address && !request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(address);
    return { page, complaints };
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}
