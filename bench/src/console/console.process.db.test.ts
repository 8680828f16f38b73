import { childEnv, createPostgresDatabase, spawnGuarded, testDatabaseKind } from '@muster/db/testing';
import { expect, test } from 'vitest';
import { startMusterServer } from '../musterServer.ts';
import { seed } from '../reports/seed.ts';
import { findChromium, launchBrowser } from './browser.ts';
import { measureConsole } from './measure.ts';
import { formatConsole } from './results.ts';

// Figures of processes are read from /proc.
const canMeasure = testDatabaseKind() === 'postgresql' && process.platform === 'linux' && findChromium() !== undefined;

test.skipIf(!canMeasure)('each figure of the console is measured, with a page of supervisors (K1, K9)', async () => {
  await using undo = new AsyncDisposableStack();
  const { signal } = new AbortController();
  const options = { supervisors: 60, plugins: 2, loads: 2, changes: 3, eventsASecond: 500, seconds: 2, minutes: 30 };
  const database = await createPostgresDatabase();
  undo.defer(() => database.drop());
  await seed(database.url, options.supervisors, options.plugins, signal);
  const server = await startMusterServer(database.url, signal, { start: spawnGuarded });
  undo.defer(() => server.stop());
  const browser = await launchBrowser({ ...process.env, ...childEnv() });
  undo.defer(() => browser.close());

  const figures = await measureConsole(server, browser, options, signal);

  expect(figures.firstRowsMs).toBeGreaterThan(0);
  expect(figures.firstRowsHeapBytes).toBeGreaterThan(0);
  expect(figures.lastHeapBytes).toBeGreaterThan(0);
  expect(figures.idleShare).toBeGreaterThanOrEqual(0);
  expect(figures.changesMs).toHaveLength(options.changes);
  expect(Math.min(...figures.changesMs)).toBeGreaterThan(0);
  expect(figures.eventsASecond).toBeGreaterThan(0);
  expect(figures.messagesASecond).toBeGreaterThan(0);
  expect(figures.frameWorkMs.length).toBeGreaterThan(0);
  expect(figures.betweenFramesMs.length).toBeGreaterThan(0);
  // Not a matter of time: whatever the machine, no response is larger (K1).
  expect(figures.largestResponse.bytes).toBeGreaterThan(0);
  expect(figures.largestResponse.bytes).toBeLessThan(200_000);
  expect(formatConsole(figures, options)).not.toContain(' - ');
});
