/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findChromium } from '../testing/browser.ts';
import { browseConsole, type ConsoleBrowser, longLeases, namesIn } from '../testing/console/consoleBrowser.ts';
import { publish } from '../testing/console/fleet.ts';
import { createStorage, graphql, type SpawnedServer, spawnServer } from '../testing/index.ts';

const executablePath = findChromium();
/** The attempts to come back that are in vain: by then the pauses between them have grown to seconds. */
const vainAttempts = 5;

describe.skipIf(executablePath === null)('in a real browser', () => {
  test('K2, K4: while a server is killed the page says so; with its successor it comes back, knows each change, and calls nothing live that is stale', async () => {
    const storage = await createStorage();
    onTestFinished(storage.remove);
    const env = { ...storage.env, ...longLeases };
    const server = await start(env);
    const console = await browseConsole(executablePath, server.url);
    onTestFinished(() => console.close());
    const ids = new Map<string, string>();
    for (const name of ['edge-1', 'edge-2', 'edge-3']) ids.set(name, await publish(console, name));
    const page = await openList(console);
    const seen = await watch(page);

    let attempts = 0;
    page.on('websocket', () => attempts++);
    server.kill('SIGKILL');
    await server.ended;
    await expect.poll(() => statusOf(page)).toMatch(/^Reconnecting since \d\d:\d\d:\d\d$/);
    await expect.poll(() => attempts).toBeGreaterThanOrEqual(vainAttempts);

    await changeElsewhere(env, ids);
    const { port } = new URL(server.url);
    await start({ ...env, PORT: port });

    await expect.poll(() => statusOf(page)).toBe('Live');
    // Without a poll: what is called live is true.
    expect(await rowOf(page, 'edge-1').textContent()).toContain('Disabled');
    await expect.poll(() => page.locator('tbody tr.gone th a').allTextContents()).toEqual(['edge-2']);
    await expect.poll(() => page.textContent('.news')).toBe('1 new, 1 gone Show');
    expect(await namesIn(page)).toEqual(['edge-1', 'edge-2', 'edge-3']);
    await page.click('.news');
    await expect.poll(() => namesIn(page)).toEqual(['edge-1', 'edge-3', 'edge-4']);

    // It goes on living, with no reload.
    await publish(console, 'edge-5');
    await expect.poll(() => page.textContent('.news')).toBe('1 new Show');
    const sights = await seen();
    const outage = sights.findIndex(({ status }) => status.startsWith('Reconnecting'));
    expect(outage).toBeGreaterThanOrEqual(0);
    expect(sights.slice(outage).filter(({ status, state }) => status === 'Live' && state !== 'Disabled')).toEqual([]);
  });
});

async function start(env: Record<string, string>): Promise<SpawnedServer> {
  const server = await spawnServer(env);
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  return server;
}

/** Changes the fleet by another server on the same database: one is disabled, one goes, one comes. */
async function changeElsewhere(env: Record<string, string>, ids: ReadonlyMap<string, string>): Promise<void> {
  const other = await start(env);
  const ask = async <Data>(query: string, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await graphql<Data>(other.url, query, variables);
    expect(errors).toBeUndefined();
    return data as Data;
  };
  const input = (name: string) => ({ input: { supervisorId: ids.get(name) } });
  await ask(
    'mutation ($input: DisableSupervisorInput!) { disableSupervisor(input: $input) { supervisor { id } } }',
    input('edge-1'),
  );
  await ask(
    'mutation ($input: DeregisterSupervisorInput!) { deregisterSupervisor(input: $input) { deregisteredId } }',
    { input: { supervisorId: ids.get('edge-2'), force: true } },
  );
  await publish({ ask }, 'edge-4');
  other.kill('SIGTERM');
  await other.ended;
}

async function openList(console: ConsoleBrowser): Promise<Page> {
  const page = await console.open('/supervisors');
  await expect.poll(() => namesIn(page)).toEqual(['edge-1', 'edge-2', 'edge-3']);
  await expect.poll(() => statusOf(page)).toBe('Live');
  return page;
}

const statusOf = (page: Page) => page.textContent('.side-bar [data-status]');
const rowOf = (page: Page, name: string) => page.locator('tbody tr', { hasText: `${name}.acme` });

interface Sight {
  readonly status: string;
  /** The state of the first supervisor. */
  readonly state: string;
}

/** Notes in the page, at each change of it, how live it says it is, and what it shows. A reload would forget all. */
async function watch(page: Page): Promise<() => Promise<readonly Sight[]>> {
  await page.evaluate(() => {
    const sights: Sight[] = [];
    Object.assign(globalThis, { sights });
    const text = (selector: string) => document.querySelector(selector)?.textContent ?? '';
    const look = () => sights.push({ status: text('.side-bar [data-status]'), state: text('tbody .state') });
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { sights: readonly Sight[] }).sights);
}
