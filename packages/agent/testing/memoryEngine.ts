import type { Driver, ImageStore } from '../src/driver/driver.ts';
import { DriverError } from '../src/driver/driverError.ts';
import type { Observed } from '../src/driver/observed.ts';
import type { RunSpec } from '../src/driver/runSpec.ts';

/** A thing of the engine in memory, as tests see it. */
export interface EngineThing {
  readonly id: string;
  readonly spec: RunSpec;
  status: Observed['status'];
  startedAtMs: number | null;
  exitCode: number | null;
  /** Whether its health is good. */
  isHealthy: boolean;
  logs: string[];
}

/** An engine in memory, with a log of its calls. It outlives drivers, as a real one outlives agents. */
export class MemoryEngine {
  readonly things = new Map<string, EngineThing>();
  /** The calls that change something, such as `create collector 1.0 g1`. */
  readonly calls: string[] = [];
  readonly pulled = new Set<string>();
  /** Why no call is answered; undefined: they are. */
  outage: 'HANGS' | 'FAILS' | undefined;
  runsBeside = true;
  restartsItself = false;
  /** Called with each thing that has just started: ends it, for a plugin that fails. */
  onStart: (thing: EngineThing) => void = () => {};
  /** Decides each pull. Default: it is there at once. */
  onPull: ImageStore['pull'] = async () => {};
  #count = 0;
  #wake = Promise.withResolvers<void>();
  #isUp = Promise.withResolvers<void>();

  /** Ends a running thing, and gives the hint of it. */
  end(thing: EngineThing, exitCode: number): void {
    thing.status = 'ENDED';
    thing.exitCode = exitCode;
    this.changed();
  }

  /** Gives the hint that something changed. */
  changed(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  /** Answers again. */
  restore(): void {
    this.outage = undefined;
    this.#isUp.resolve();
    this.#isUp = Promise.withResolvers<void>();
  }

  /** The things of a plugin. */
  of(pluginId: string): EngineThing[] {
    return [...this.things.values()].filter(({ spec }) => spec.identity.pluginId === pluginId);
  }

  /** How often a kind of call was made. */
  count(kind: string): number {
    return this.calls.filter((call) => call.startsWith(kind)).length;
  }

  /** A driver of this engine for one owner. */
  open(owner: string): Driver {
    const engine = this;
    return {
      kind: 'docker',
      get restartsItself() {
        return engine.restartsItself;
      },
      get runsBeside() {
        return engine.runsBeside;
      },
      images: this.#images(),
      list: async () => {
        await this.#answer();
        const own = [...this.things.values()].filter(({ spec }) => spec.identity.owner === owner);
        return own.map((thing) => observe(thing));
      },
      create: (spec) => this.#create(spec),
      start: (id) => this.#start(id),
      stop: async (id) => {
        await this.#answer();
        const thing = this.things.get(id);
        this.#note('stop', thing);
        if (thing?.status === 'RUNNING') this.end(thing, 143);
      },
      remove: async (id) => {
        await this.#answer();
        this.#note('remove', this.things.get(id));
        this.things.delete(id);
        this.changed();
      },
      logs: (id, { tail }) => this.#logs(id, tail),
      events: (signal) => this.#events(signal),
      close: async () => {},
    };
  }

  async #answer(): Promise<void> {
    if (this.outage === 'FAILS') throw new DriverError('ENGINE_UNAVAILABLE', 'connect ENOENT');
    if (this.outage === undefined) return;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new DriverError('ENGINE_UNAVAILABLE', 'no answer in 10 s')), 10_000);
    try {
      await Promise.race([this.#isUp.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #note(kind: string, thing: EngineThing | undefined): void {
    const { pluginId, version, generation } = thing?.spec.identity ?? {};
    this.calls.push(`${kind} ${pluginId} ${version} g${generation}`);
  }

  async #create(spec: RunSpec): Promise<string> {
    await this.#answer();
    const found = [...this.things.values()].find((thing) => thing.spec.name === spec.name);
    if (found) return found.id;
    const id = `thing-${++this.#count}`;
    const thing: EngineThing = {
      id,
      spec,
      status: 'CREATED',
      startedAtMs: null,
      exitCode: null,
      isHealthy: true,
      logs: [],
    };
    this.things.set(id, thing);
    this.#note('create', thing);
    return id;
  }

  async #start(id: string): Promise<void> {
    await this.#answer();
    const thing = this.things.get(id);
    if (!thing) throw new DriverError('ABSENT', `no ${id}`);
    if (thing.status === 'RUNNING') return;
    this.#note('start', thing);
    thing.status = 'RUNNING';
    // Two starts in one millisecond are two runs all the same.
    thing.startedAtMs = Math.max(Date.now(), (thing.startedAtMs ?? 0) + 1);
    thing.exitCode = null;
    this.changed();
    this.onStart(thing);
  }

  async *#logs(id: string, tail: number): AsyncGenerator<string> {
    yield* this.things.get(id)?.logs.slice(-tail) ?? [];
  }

  async *#events(signal: AbortSignal): AsyncGenerator<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    while (!signal.aborted) {
      await Promise.race([this.#wake.promise, aborted]);
      yield;
    }
  }

  #images(): ImageStore {
    return {
      has: async (image) => {
        await this.#answer();
        return this.pulled.has(image);
      },
      pull: async (image, options) => {
        await this.#answer();
        this.calls.push(`pull ${image}`);
        await this.onPull(image, options);
        this.pulled.add(image);
      },
      list: async () => [...this.pulled].map((name) => ({ id: name, names: [name], isUsed: this.#uses(name) })),
      remove: async (id) => {
        this.calls.push(`remove-image ${id}`);
        this.pulled.delete(id);
      },
    };
  }

  #uses(image: string): boolean {
    return [...this.things.values()].some(({ spec }) => spec.image === image);
  }
}

function observe({ id, spec, status, startedAtMs, exitCode }: EngineThing): Observed {
  const ports =
    status === 'RUNNING'
      ? spec.ports.map(({ name, port }) => ({ name, host: '127.0.0.1', port, advertisedHost: null }))
      : [];
  return { id, identity: spec.identity, status, startedAtMs, exitCode, reason: null, ports };
}
