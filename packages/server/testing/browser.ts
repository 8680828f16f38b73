import { execFileSync } from 'node:child_process';
import { childEnv } from '@muster/db/testing';
import { type Browser, chromium } from 'playwright-core';

/** How long a browser may take for anything, on a machine that is busy. */
export const patienceMs = 120_000;

/** The path of Chromium; null where there is none. @throws Error in CI, which installs one */
export function findChromium(): string | null {
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim();
  } catch {
    if (process.env.CI) throw new Error('expected Chromium in CI; found none');
    process.stderr.write("Skipped: a browser's tests, since there is no chromium on the PATH.\n");
    return null;
  }
}

/** Starts a browser that asks nobody of itself. @param args further arguments of Chromium */
export function launchBrowser(executablePath: string | null, args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? '',
    env: { ...process.env, ...childEnv() },
    timeout: patienceMs,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
  });
}
