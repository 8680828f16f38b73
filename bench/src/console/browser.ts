import { execFileSync } from 'node:child_process';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BenchError } from '../benchError.ts';
import { cpuSeconds } from '../procfs.ts';
import { work } from './inPage.ts';

/** Long enough to stand out in CPU times, which have steps of 10 ms. */
const workMs = 300;

/** The path of Chromium; undefined if there is none on the PATH. */
export function findChromium(): string | undefined {
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Starts Chromium, without background work.
 *
 * @param env its variables. Default: those of this process
 * @throws BenchError if there is no Chromium
 */
export async function launchBrowser(env: NodeJS.ProcessEnv = process.env): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new BenchError('expected chromium on the PATH; found none');
  return chromium.launch({
    executablePath,
    env,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/**
 * Finds the process that draws a page, by having the page work: Chromium has more such processes, for its own windows and
 * in reserve.
 *
 * @throws BenchError if none of them worked
 */
export async function rendererPid(browser: Browser, page: Page): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const pids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const before = await Promise.all(pids.map(cpuSeconds));
  await page.evaluate(work, workMs);
  const after = await Promise.all(pids.map(cpuSeconds));
  const worked = pids.map((pid, index) => ({ pid, seconds: (after[index] ?? 0) - (before[index] ?? 0) }));
  const [most] = worked.toSorted((a, b) => b.seconds - a.seconds);
  if (most === undefined || most.seconds === 0) throw new BenchError('expected a process that draws the page');
  return most.pid;
}
