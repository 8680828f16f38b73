import type { Browser, CDPSession, Page } from 'playwright-core';
import { rowsPainted, watchRows } from './inPage.ts';
import type { Traffic } from './traffic.ts';
import { watchTraffic } from './traffic.ts';

/** The rows of a page of the console (K1). */
const rowsOfPage = 50;

/** A browser that shows the supervisors, and had kept nothing of the console before. */
export interface Visitor {
  readonly page: Page;
  readonly traffic: Traffic;
  /** The time from the navigation until the first rows were painted. */
  readonly firstRowsMs: number;
  /** The page's JavaScript objects, with the garbage that was not collected yet. */
  heapBytes(): Promise<number>;
  leave(): Promise<void>;
}

/** Shows the supervisors to a new visitor, and waits for the first rows. @param origin the server's */
export async function openVisitor(browser: Browser, origin: string): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  // A slow machine has the time of the whole measurement.
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  const session: CDPSession = await context.newCDPSession(page);
  const traffic = await watchTraffic(session);
  await page.addInitScript(watchRows, rowsOfPage);
  await page.goto(`${origin}/console/supervisors`, { waitUntil: 'commit' });
  return {
    page,
    traffic,
    firstRowsMs: await page.evaluate(rowsPainted),
    heapBytes: async () => (await session.send('Runtime.getHeapUsage')).usedSize,
    leave: () => context.close(),
  };
}
