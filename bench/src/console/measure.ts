import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { BenchError } from '../benchError.ts';
import type { MusterServer } from '../musterServer.ts';
import { cpuSeconds } from '../procfs.ts';
import { untilQuiet } from '../quiet.ts';
import { createReport, type Report } from '../reports/report.ts';
import { median } from '../statistics.ts';
import { type Agents, createAgents } from './agents.ts';
import { rendererPid } from './browser.ts';
import { beginFrames, endFrames, shownNames, textPainted, watchText } from './inPage.ts';
import type { SizedConsoleOptions } from './options.ts';
import type { Response } from './traffic.ts';
import { openVisitor, type Visitor } from './visitor.ts';

/** The figures of the console with one number of supervisors; times are in milliseconds. */
export interface ConsoleFigures extends Flood {
  /** From the navigation until the first rows are painted: the median of all loads. */
  readonly firstRowsMs: number;
  readonly firstRowsHeapBytes: number;
  readonly largestResponse: Response;
  /** Share of one core that the page's process took while nothing changed. */
  readonly idleShare: number;
  /** From each change's request until its text is painted. */
  readonly changesMs: readonly number[];
  readonly lastHeapBytes: number;
}

/** The figures while events came. */
interface Flood {
  /** Events that the server took. */
  readonly eventsASecond: number;
  /** Messages that the page got. */
  readonly messagesASecond: number;
  /** Of each frame. */
  readonly frameWorkMs: readonly number[];
  readonly betweenFramesMs: readonly number[];
}

/** The pause after a change, so that changes don't keep step with frames. */
const longestPauseMs = 50;
/** One for each row of a page: an agent waits for its answer. */
const mostAtOnce = 50;

/** Measures the console of a seeded server. */
export async function measureConsole(
  server: Pick<MusterServer, 'url' | 'pid'>,
  browser: Browser,
  options: SizedConsoleOptions,
  signal: AbortSignal,
): Promise<ConsoleFigures> {
  await using undo = new AsyncDisposableStack();
  const { origin } = new URL(server.url);
  // The first visitor has the server's code compiled, and isn't counted.
  await (await openVisitor(browser, origin)).leave();
  const loads: number[] = [];
  for (let load = 1; load < options.loads; load += 1) {
    await untilQuiet(server.pid, signal);
    const visitor = await openVisitor(browser, origin);
    loads.push(visitor.firstRowsMs);
    await visitor.leave();
  }
  await untilQuiet(server.pid, signal);
  const visitor = await openVisitor(browser, origin);
  undo.defer(() => visitor.leave());
  const firstRowsHeapBytes = await visitor.heapBytes();
  const idleShare = await measureIdle(browser, visitor, options, signal);
  // By now the page has read all that belongs to its rows.
  const largestResponse = visitor.traffic.largest();

  const agents = createAgents(server.url, mostAtOnce);
  undo.defer(() => agents.close());
  const changesMs = await measureChanges(visitor, agents, options, signal);
  const flood = await measureFlood(visitor, agents, options, signal);
  return {
    firstRowsMs: median([...loads, visitor.firstRowsMs]),
    firstRowsHeapBytes,
    largestResponse,
    idleShare,
    changesMs,
    ...flood,
    lastHeapBytes: await visitor.heapBytes(),
  };
}

async function measureIdle(
  browser: Browser,
  { page }: Visitor,
  { seconds }: SizedConsoleOptions,
  signal: AbortSignal,
): Promise<number> {
  const pid = await rendererPid(browser, page);
  await untilQuiet(pid, signal);
  const [cpuBefore, before] = [await cpuSeconds(pid), performance.now()];
  await sleep(seconds * 1_000, undefined, { signal });
  return ((await cpuSeconds(pid)) - cpuBefore) / ((performance.now() - before) / 1_000);
}

async function measureChanges(
  { page }: Visitor,
  agents: Agents,
  { changes, plugins }: SizedConsoleOptions,
  signal: AbortSignal,
): Promise<number[]> {
  const reports = await reportsShown(page, plugins);
  const times: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const report = reports[change % reports.length];
    if (report === undefined) throw new BenchError('expected rows in the table; found none');
    const text = `change ${change};`;
    await page.evaluate(watchText, text);
    const sentAt = Date.now();
    await agents.publishLabel(report, text);
    times.push((await page.evaluate(textPainted)) - sentAt);
    await sleep(Math.random() * longestPauseMs, undefined, { signal });
  }
  return times;
}

async function measureFlood(
  { page, traffic }: Visitor,
  agents: Agents,
  { eventsASecond, seconds, plugins }: SizedConsoleOptions,
  signal: AbortSignal,
): Promise<Flood> {
  const reports = await reportsShown(page, plugins);
  const everyMs = (1_000 * reports.length) / eventsASecond;
  const messagesBefore = traffic.messages();
  await page.evaluate(beginFrames);
  const begin = performance.now();
  let events = 0;

  async function keepPublishing(report: Report, row: number): Promise<void> {
    for (let turn = 0; performance.now() - begin < seconds * 1_000; turn += 1) {
      const dueMs = (turn + row / reports.length) * everyMs;
      await sleep(Math.max(0, begin + dueMs - performance.now()), undefined, { signal });
      await agents.publishLabel(report, `event ${turn}`);
      events += 1;
    }
  }

  await Promise.all(reports.map(keepPublishing));
  const passed = (performance.now() - begin) / 1_000;
  const { work, between } = await page.evaluate(endFrames);
  return {
    eventsASecond: events / passed,
    messagesASecond: (traffic.messages() - messagesBefore) / passed,
    frameWorkMs: work,
    betweenFramesMs: between,
  };
}

/** The reports of the supervisors in the table, whose names end in their numbers. */
async function reportsShown(page: Page, plugins: number): Promise<Report[]> {
  const names = await page.evaluate(shownNames);
  return names.map((name) => createReport(Number(name.split('-').at(-1)), plugins, false));
}
