// A real browser for the console's pages: Debian's Chromium, driven by playwright-core.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startConsole } from 'nekube/console';
import { chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const EXECUTABLE = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));

/** How many times slower than they are pages run, so that a test that does not wait for what it needs is found. */
const SLOWNESS = Number(process.env.NEKUBE_PAGE_SLOWNESS ?? 1);

/** Why there are no tests in a browser here; false where there are. */
export const noBrowser = EXECUTABLE === undefined ? 'there is no Chromium' : false;

/**
 * Starts a browser and a console of a cluster.
 *
 * @param env of `nekube/envtest`, or what has a `client`
 * @returns `{console, signIn(options), close()}`
 */
export async function openConsole(env, { webFolder } = {}) {
  const running = await startConsole({
    transport: env.client.transport,
    listen: { host: '127.0.0.1', port: 0 },
    ...(webFolder && { webFolder }),
  });
  const browser = await launchBrowser();
  return {
    console: running,
    browser,
    /**
     * A tab in a browser of its own, that is signed in. `problems` are what no page may have: violations of the policy,
     * requests to other hosts, errors that nobody caught.
     */
    async signIn({ as, theme = 'light', language = 'en', ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1280, height: 800 },
        colorScheme: theme,
        locale: language === 'ja' ? 'ja-JP' : 'en-US',
        ...options,
      });
      // what does not come within this does not come
      context.setDefaultTimeout(60_000);
      if (SLOWNESS > 1) context.on('page', slowDown);
      const page = await context.newPage();
      const problems = watchProblems(page, running.url);
      await page.goto(running.link(as));
      await page.waitForURL(`${running.url}/`);
      const visit = (path) => page.goto(running.url + path);
      return { page, problems, visit, context };
    },
    async close() {
      await browser.close();
      await running.close();
    },
  };
}

/** A browser without a window. */
export function launchBrowser() {
  return chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
}

async function slowDown(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWNESS });
}

function watchProblems(page, origin) {
  const problems = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) problems.push(`policy: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith('data:') && !url.startsWith('blob:'))
      problems.push(`request: ${url}`);
  });
  return problems;
}

/** What axe finds that keeps people out: a line each. */
export async function barriers(page) {
  const { readFileSync } = await import('node:fs');
  const { createRequire } = await import('node:module');
  const path = createRequire(import.meta.url).resolve('axe-core');
  await page.evaluate(readFileSync(join(path, '..', 'axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
    );
}
