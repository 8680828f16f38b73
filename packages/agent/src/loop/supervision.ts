import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginReport } from '../contract.ts';
import { DriverError } from '../driver/driverError.ts';
import type { Observed } from '../driver/observed.ts';
import type { RunSpec } from '../driver/runSpec.ts';
import { errorMessage } from '../errorMessage.ts';
import { collectImages } from '../images/collectImages.ts';
import { type Action, decide, type PluginView } from '../plugin/decide.ts';
import { countFailure, healthyUntilResetMs, newRecord, type PluginRecord } from '../plugin/record.ts';
import { reportOf } from '../plugin/report.ts';
import { createWishIndex, type Wish, wishKey } from '../plugin/wish.ts';
import { openHealthWatches } from './healthWatches.ts';
import { createPerformer } from './performAction.ts';
import { Resolutions } from './resolutions.ts';
import type { SupervisionOptions } from './supervisionOptions.ts';
import { Worker } from './worker.ts';

/** G1: how often everything is looked at anew, whatever happened. */
const lookIntervalMs = 30_000;
/** How long what calls for a look is gathered, so that a burst is one. */
const gatherMs = 20;
/** The pause after a step that failed for a reason outside the plugin. */
const pauseAfterFaultMs = 5_000;
const imagesIntervalMs = 60 * 60_000;

/** Runs the plugins that are wanted, and no others, on one engine. */
export class Supervision {
  readonly #options: SupervisionOptions;
  readonly #performer;
  readonly #health;
  readonly #workers = new Map<string, Worker>();
  readonly #resolutions: Resolutions;
  readonly #closing = new AbortController();
  readonly #firstLook = Promise.withResolvers<void>();
  #things = new Map<string, Observed[]>();
  #lists = 0;
  #listedAtMs: number | null = null;
  #lastLookMs = Date.now();
  #isUnknown = false;
  #isLooking = false;
  #isDue = false;
  #isDrained = false;
  #reported = '';
  #lookTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  readonly #byKey = createWishIndex();
  #timers: NodeJS.Timeout[] = [];

  constructor(options: SupervisionOptions) {
    this.#options = options;
    this.#resolutions = new Resolutions(options.resolve);
    this.#performer = createPerformer(options.driver, (seconds) => options.observer.pulled(seconds));
    const { check, random } = options;
    this.#health = openHealthWatches({ check, random, onChange: () => this.look() });
  }

  /** Begins: adopts what runs (G7), and looks again and again (G1). */
  start(): void {
    this.#timers.push(setInterval(() => this.look(), lookIntervalMs));
    const { images } = this.#options.driver;
    if (images) this.#timers.push(setInterval(() => void this.#collectImages(), imagesIntervalMs));
    void this.#followEvents();
    this.look();
  }

  /** Resolves when the engine has been seen and what runs has been checked once, so that a first report is true (G7). */
  get firstLook(): Promise<void> {
    return this.#firstLook.promise;
  }

  /** The wishes that count; null: none ever came, so nothing is known to be unwanted. */
  get wishes(): readonly Wish[] | null {
    return this.#options.stateFile.state.wishes;
  }

  /** When the engine last gave its whole list; null: not yet. */
  get listedAtMs(): number | null {
    return this.#listedAtMs;
  }

  /** When the loop last ran. */
  get lastLookMs(): number {
    return this.#lastLookMs;
  }

  get isEngineUp(): boolean {
    return this.#listedAtMs !== null && !this.#isUnknown;
  }

  /** Replaces what is wanted; on the disk before anything is done for it (G13). */
  async setWishes(wishes: readonly Wish[]): Promise<void> {
    await this.#options.stateFile.update({ wishes });
    for (const [key, worker] of this.#workers) worker.retarget(targetOf(this.#wishOf(key)));
    this.look();
  }

  /** Stops all that runs here and starts nothing, until the agent starts anew (G8). */
  drain(): void {
    this.#isDrained = true;
    for (const worker of this.#workers.values()) worker.retarget('');
    this.look();
  }

  /** All that the engine was last seen to have. */
  get things(): readonly Observed[] {
    return [...this.#things.values()].flat();
  }

  /** The reports on all plugins; null while too little is known to say which there are. */
  reports(): PluginReport[] | null {
    const reports = this.#currentReports();
    if (!reports || !this.#isUnknown || this.#listedAtMs === null) return reports;
    const seconds = Math.round((Date.now() - this.#listedAtMs) / 1_000);
    const note = `unknown: the engine has not answered for ${seconds} s; this was seen before`;
    return reports.map((report) => ({ ...report, message: report.message ? `${note}\n${report.message}` : note }));
  }

  /** Has everything looked at soon. */
  look(): void {
    if (this.#closing.signal.aborted) return;
    this.#lookTimer ??= setTimeout(() => void this.#lookNow(), gatherMs);
  }

  /** Ends the loop. Stops no plugin (G8). */
  close(): void {
    this.#closing.abort();
    clearTimeout(this.#lookTimer);
    clearTimeout(this.#retryTimer);
    for (const timer of this.#timers) clearInterval(timer);
    for (const worker of this.#workers.values()) worker.close();
    this.#health.close();
  }

  #currentReports(): PluginReport[] | null {
    if (this.#listedAtMs === null || this.wishes === null) return null;
    const reports = this.#keys().map((key) => this.#reportOn(key));
    return reports.filter((report) => report !== null);
  }

  #reportOn(key: string): PluginReport | null {
    const wish = this.#wishOf(key);
    const plugin = wish ?? this.#things.get(key)?.[0]?.identity;
    if (!plugin) return null;
    const { domainId, pluginId, version } = plugin;
    const view = this.#viewOf(key);
    if (this.#isDrained && wish && view.things.length === 0) {
      const message = 'stopped on its host by `agent drain --local`';
      return { domainId, pluginId, version, state: 'ERROR', observedGeneration: wish.generation, message };
    }
    return reportOf({
      view,
      plugin: { domainId, pluginId, version },
      ports: this.#specOf(key)?.ports ?? [],
      advertisedHost: this.#options.advertisedHost,
      fault: wish ? (this.#resolutions.faultOf(key) ?? null) : null,
      healthFaultOf: (thing) => this.#health.faultOf(thing),
    });
  }

  async #lookNow(): Promise<void> {
    this.#lookTimer = undefined;
    this.#isDue = this.#isLooking;
    if (this.#isLooking) return;
    this.#isLooking = true;
    const list = ++this.#lists;
    this.#lastLookMs = Date.now();
    try {
      this.#take(await this.#options.driver.list());
      if (this.#closing.signal.aborted) return;
      for (const key of this.#keys()) this.#step(key, list);
      void this.#health.firstChecks().then(() => this.#firstLook.resolve());
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#isLooking = false;
      if (this.#isDue) this.look();
      this.#tellReports();
    }
  }

  #take(things: readonly Observed[]): void {
    this.#listedAtMs = Date.now();
    this.#isUnknown = false;
    this.#things = Map.groupBy(things, ({ identity }) => wishKey(identity));
    this.#resolutions.refresh(this.wishes ?? []);
    this.#health.follow(things, ({ identity }) => this.#specOf(wishKey(identity))?.health);
    for (const key of this.#keys()) this.#resetRecord(key);
    this.#forget();
  }

  /** G7: without an answer nothing is known, so nothing is done; what was seen before is reported with its age. */
  #lose(error: unknown): void {
    const { observer, random } = this.#options;
    if (!this.#isUnknown) observer.log('warn', `the engine gave no list: ${errorMessage(error)}`);
    this.#isUnknown = true;
    // A first report says what is known by then: nothing.
    this.#firstLook.resolve();
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.look(), pauseAfterFaultMs * (0.5 + random()));
  }

  /** The attempts of another generation or spec count no more (P2); nor do failures before ten healthy minutes (G5). */
  #resetRecord(key: string): void {
    const { target, record, things } = this.#viewOf(key);
    if (!target || target.specHash === null) return;
    if (record?.generation !== target.generation || record.specHash !== target.specHash) {
      this.#setRecord(key, newRecord(target.generation, target.specHash));
      return;
    }
    const isHealthyLong = things.some((thing) => {
      const sinceMs = this.#health.healthySinceMs(thing);
      return sinceMs !== null && Date.now() - sinceMs >= healthyUntilResetMs;
    });
    if (record.failures > 0 && isHealthyLong) this.#setRecord(key, newRecord(record.generation, record.specHash));
  }

  /** Forgets what is neither wanted nor there. */
  #forget(): void {
    const keys = new Set(this.#keys());
    for (const [key, worker] of this.#workers) {
      if (keys.has(key)) continue;
      worker.close();
      this.#workers.delete(key);
      this.#resolutions.forget(key);
    }
    const { records } = this.#options.stateFile.state;
    const kept = Object.entries(records).filter(([key]) => keys.has(key));
    if (kept.length < Object.keys(records).length) this.#save({ records: Object.fromEntries(kept) });
  }

  #step(key: string, list: number): void {
    // G6: what nobody has spoken of yet is left alone.
    if (this.wishes === null) return;
    const worker = this.#workers.get(key) ?? new Worker();
    this.#workers.set(key, worker);
    const nowMs = Date.now();
    const pauseMs = worker.pausedUntilMs - nowMs;
    // One that is longer than any was begun before the clock was set back.
    if (pauseMs > 0 && pauseMs <= pauseAfterFaultMs) {
      worker.callAt(worker.pausedUntilMs, nowMs, () => this.look());
      return;
    }
    if (!worker.mayDecide(list)) return;
    const view = this.#viewOf(key);
    const action = decide(view);
    if (action.kind === 'NOTHING') return;
    if (action.kind === 'WAIT') {
      worker.callAt(action.untilMs, nowMs, () => this.look());
      return;
    }
    const target = this.#isDrained ? '' : targetOf(this.#wishOf(key));
    const carryOut = (signal: AbortSignal) => this.#carryOut(key, action, signal);
    void worker.run(target, carryOut, () => this.#lists + 1).finally(() => this.look());
  }

  async #carryOut(
    key: string,
    action: Exclude<Action, { kind: 'NOTHING' | 'WAIT' }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { observer } = this.#options;
    const resolved = this.#resolutions.find(key);
    try {
      if (action.kind === 'COUNT_END' || action.kind === 'COUNT_UNHEALTHY') {
        const { thing } = action;
        const message =
          action.kind === 'COUNT_END'
            ? await this.#performer.describeEnd(thing, resolved?.secrets ?? [])
            : `unhealthy: ${this.#health.faultOf(thing)}`;
        this.#fail(key, message, thing.startedAtMs);
        return;
      }
      observer.log('info', stepNames[action.kind], {
        plugin: key,
        ...('thing' in action ? { id: action.thing.id } : {}),
      });
      const isRestart = (this.#options.stateFile.state.records[key]?.failures ?? 0) > 0;
      const fetched = await this.#performer.perform(action, resolved, signal);
      if (fetched !== undefined) this.#rememberImage(fetched);
      if (isRestart && (action.kind === 'START' || action.kind === 'CREATE')) observer.restarted(pluginIdOf(key));
    } catch (error) {
      this.#takeFault(key, action, error, signal);
    }
  }

  #takeFault(key: string, action: Action, error: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { observer } = this.#options;
    observer.log('warn', `${action.kind} failed: ${errorMessage(error)}`, { plugin: key });
    const code = error instanceof DriverError ? error.code : undefined;
    if (code === 'ABSENT') return;
    const isOfPlugin =
      (code === 'REFUSED' || code === 'NAME_TAKEN') && (action.kind === 'CREATE' || action.kind === 'START');
    if (isOfPlugin) this.#fail(key, errorMessage(error), null);
    else this.#workers.get(key)?.pauseUntil(Date.now() + pauseAfterFaultMs);
  }

  #fail(key: string, message: string, startedAtMs: number | null): void {
    const record = this.#options.stateFile.state.records[key];
    if (!record) return;
    const { random } = this.#options;
    this.#setRecord(key, countFailure(record, { message, startedAtMs, nowMs: Date.now(), random }));
  }

  #viewOf(key: string): PluginView {
    const { driver, stateFile } = this.#options;
    const wish = this.#isDrained ? undefined : this.#wishOf(key);
    return {
      target: wish ? { generation: wish.generation, specHash: this.#resolutions.hashOf(key) } : null,
      things: this.#things.get(key) ?? [],
      record: stateFile.state.records[key] ?? null,
      healthOf: (thing) => this.#health.healthOf(thing),
      runsBeside: driver.runsBeside,
      restartsItself: driver.restartsItself,
      nowMs: Date.now(),
    };
  }

  #keys(): string[] {
    return [...new Set([...this.#byKey(this.wishes).keys(), ...this.#things.keys()])];
  }

  #wishOf(key: string): Wish | undefined {
    return this.#byKey(this.wishes).get(key);
  }

  /** Where a wish can't be resolved, such as for a secret that lacks, its release still says how health is seen. */
  #specOf(key: string): Pick<RunSpec, 'health' | 'ports'> | undefined {
    return this.#resolutions.find(key)?.spec ?? this.#wishOf(key)?.release ?? undefined;
  }

  #setRecord(key: string, record: PluginRecord): void {
    this.#save({ records: { ...this.#options.stateFile.state.records, [key]: record } });
  }

  #rememberImage(image: string): void {
    this.#save({ images: { ...this.#options.stateFile.state.images, [image]: Date.now() } });
  }

  #save(change: Parameters<SupervisionOptions['stateFile']['update']>[0]): void {
    const { stateFile, observer } = this.#options;
    // A step that ends later than the loop writes nothing: the next agent sees for itself.
    if (this.#closing.signal.aborted) return;
    stateFile.update(change).catch((error) => observer.log('error', `the state is not saved: ${errorMessage(error)}`));
  }

  #tellReports(): void {
    const reports = JSON.stringify([this.#isUnknown, this.#currentReports()]);
    if (reports === this.#reported) return;
    this.#reported = reports;
    this.#options.onReport();
  }

  async #followEvents(): Promise<void> {
    const { driver, random } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const _ of driver.events(signal)) this.look();
      } catch {
        // A hint less: the look every 30 s goes on.
      }
      await sleep(pauseAfterFaultMs * (0.5 + random()), undefined, { signal }).catch(() => {});
    }
  }

  async #collectImages(): Promise<void> {
    const { driver, stateFile, keepUnusedImagesMs, observer } = this.#options;
    if (!driver.images || keepUnusedImagesMs === 0 || this.wishes === null || this.#isUnknown) return;
    const wanted = this.#resolutions.images();
    try {
      const accounts = { fetched: stateFile.state.images, wanted, keepMs: keepUnusedImagesMs, nowMs: Date.now() };
      this.#save({ images: await collectImages(driver.images, accounts) });
    } catch (error) {
      observer.log('warn', `unused images stay: ${errorMessage(error)}`);
    }
  }
}

const stepNames = {
  CREATE: 'makes a plugin',
  START: 'starts a plugin',
  STOP: 'stops a plugin',
  REMOVE: 'removes a plugin',
};

function targetOf(wish: Wish | undefined): string {
  return JSON.stringify(wish ?? null);
}

function pluginIdOf(key: string): string {
  return String(JSON.parse(key)[1]);
}
