/// <reference lib="dom" />
import { type AxeResults, source as axeSource } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { readConfig, type variables } from '../../src/config/config.ts';
import { createLog } from '../../src/observe/log.ts';
import { startServer } from '../../src/startServer.ts';
import { launchBrowser, patienceMs } from '../browser.ts';

/** A server with a fleet, and a browser that shows its console. */
export interface ConsoleBrowser {
  readonly url: string;
  /** The requests to other servers, and the lines in pages' consoles: there should be none. */
  readonly complaints: readonly string[];
  /** A page of a new visitor, for one test. @param path below the console, from its slash on */
  open(path: string, options?: BrowserContextOptions & { readonly token?: string }): Promise<Page>;
  /** Asks the server, beside any page. */
  ask<Data>(query: string, variables?: Record<string, unknown>, token?: string): Promise<Data>;
  close(): Promise<void>;
}

/** Starts both. */
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
    ...env,
  });
  const server = await startServer(config, createLog(config));
  const browser: Browser = await launchBrowser(executablePath);
  const complaints: string[] = [];

  return {
    url: server.url,
    complaints,
    open: async (path, { token, ...options } = {}) => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      onTestFinished(() => context.close());
      context.setDefaultTimeout(patienceMs);
      if (token !== undefined)
        await context.addInitScript((text) => sessionStorage.setItem('muster:token', text), token);
      // Whatever else there is on the network, the console doesn't need it.
      await context.route(
        (url) => url.origin !== server.url,
        (route) => {
          complaints.push(route.request().url());
          return route.abort();
        },
      );
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(`${server.url}/console${path}`);
      return page;
    },
    ask: async (query, given = {}, token = '') => {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body: JSON.stringify({ query, variables: given }),
      });
      const { data, errors } = (await response.json()) as { data: never; errors?: unknown };
      expect(errors).toBeUndefined();
      return data;
    },
    close: async () => {
      await browser.close();
      await server.stop();
    },
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
