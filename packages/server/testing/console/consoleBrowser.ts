/// <reference lib="dom" />
import { type AxeResults, source as axeSource } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { readConfig, type variables } from '../../src/config/config.ts';
import { createLog } from '../../src/observe/log.ts';
import { startServer } from '../../src/startServer.ts';
import { launchBrowser, patienceMs } from '../browser.ts';

/** A browser that shows the console of a server. */
export interface ConsoleBrowser {
  readonly url: string;
  /** The requests to other servers, and the lines in pages' consoles: there should be none. */
  readonly complaints: readonly string[];
  /** A page of a new visitor, for one test. @param path below the console, from its slash on */
  open(path: string, options?: VisitorOptions): Promise<Page>;
  /** As `open`. @param path from the server's slash on */
  visit(path: string, options?: VisitorOptions): Promise<Page>;
  /** Asks the server, beside any page. */
  ask<Data>(query: string, variables?: Record<string, unknown>, token?: string): Promise<Data>;
  close(): Promise<void>;
}

type VisitorOptions = BrowserContextOptions & { readonly token?: string };

/** With them no supervisor is lost while a test waits for a machine that is busy. */
export const longLeases = { MUSTER_LEASE_SECONDS: '86400' };

/** Starts a server, and a browser that shows its console. */
export async function openConsoleBrowser(
  executablePath: string | null,
  env: Partial<Record<keyof typeof variables, string>> = {},
): Promise<ConsoleBrowser> {
  const config = readConfig({
    PORT: '0',
    GRPC_PORT: '0',
    MUSTER_DATA_DIR: 'memory://',
    MUSTER_LOG_LEVEL: 'silent',
    MUSTER_POINTS_PER_SECOND: '1000000000',
    MUSTER_POINTS_PER_MINUTE: '1000000000',
    ...longLeases,
    ...env,
  });
  const server = await startServer(config, createLog(config));
  const browser = await browseConsole(executablePath, server.url);
  return {
    ...browser,
    close: async () => {
      await browser.close();
      await server.stop();
    },
  };
}

/** Starts a browser that shows the console of a server that runs. */
export async function browseConsole(executablePath: string | null, url: string): Promise<ConsoleBrowser> {
  const browser: Browser = await launchBrowser(executablePath);
  const complaints: string[] = [];

  async function visit(path: string, { token, ...options }: VisitorOptions = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    onTestFinished(() => context.close());
    context.setDefaultTimeout(patienceMs);
    if (token !== undefined) await context.addInitScript((text) => sessionStorage.setItem('muster:token', text), token);
    // Whatever else there is on the network, the console doesn't need it.
    await context.route(
      (asked) => asked.origin !== url,
      (route) => {
        complaints.push(route.request().url());
        return route.abort();
      },
    );
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => complaints.push(`${message.text()} ${message.location().url}`));
    await page.goto(`${url}${path}`);
    return page;
  }

  return {
    url,
    complaints,
    visit,
    open: (path, options) => visit(`/console${path}`, options),
    ask: async (query, given = {}, token = '') => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables: given }),
      });
      const { data, errors } = (await response.json()) as { data: never; errors?: unknown };
      expect(errors).toBeUndefined();
      return data;
    },
    close: () => browser.close(),
  };
}

/** The violations of WCAG 2.2 AA that axe finds in a page, in words. */
export async function violationsIn(page: Page): Promise<string[]> {
  // Not as a script element, which the page's policy refuses.
  await page.evaluate(`{ ${axeSource} }`);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`),
  );
}

/** The names in the rows of a page's table. */
export const namesIn = (page: Page) => page.locator('tbody th[scope=row] a').allTextContents();
