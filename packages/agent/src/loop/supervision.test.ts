import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryEngine } from '../../testing/memoryEngine.ts';
import { type Supervised, type SuperviseOptions, supervise, wish } from '../../testing/supervise.ts';
import { DriverError } from '../driver/driverError.ts';

let engine: MemoryEngine;
const opened: Supervised[] = [];

beforeEach(() => {
  vi.useFakeTimers({ fakeNodeBuiltins: true });
  engine = new MemoryEngine();
});
afterEach(() => {
  for (const { supervision } of opened.splice(0)) supervision.close();
  vi.useRealTimers();
});

function open(options: Partial<SuperviseOptions> = {}): Supervised {
  const supervised = supervise({ engine, ...options });
  opened.push(supervised);
  return supervised;
}

/** Ends an agent as SIGKILL does, and leaves what it ran. */
function kill(supervised: Supervised): void {
  supervised.supervision.close();
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the loop', () => {
  it('G1, G2, G10: fetches, makes and starts what is wanted, and reports its endpoint once it is healthy', async () => {
    engine.onStart = (thing) => {
      thing.isHealthy = false;
    };
    const { supervision, reported } = open();
    await supervision.setWishes([wish('collector')]);
    await pass(1_000);
    expect(engine.calls).toEqual(['pull r.example/collector:1.0', 'create collector 1.0 g1', 'start collector 1.0 g1']);
    const [thing] = engine.of('collector');
    expect(thing?.spec).toMatchObject({
      name: expect.stringMatching(/^muster-acme-collector-[0-9a-f]{8}-g1$/),
      identity: { owner: 'agent-1', domainId: 'acme', generation: 1 },
      environment: { MUSTER_PLUGIN_ID: 'collector', MUSTER_PLUGIN_VERSION: '1.0' },
      limits: { memoryMib: 512, cpuMillis: 1_000, pids: 256, readOnlyRootFilesystem: true },
    });
    expect(supervision.reports()).toEqual([
      expect.objectContaining({ state: 'PROVISIONING', message: 'it does not serve' }),
    ]);
    if (thing) thing.isHealthy = true;
    await pass(6_000);
    expect(supervision.reports()).toEqual([
      {
        domainId: 'acme',
        pluginId: 'collector',
        version: '1.0',
        state: 'ACTIVE',
        observedGeneration: 1,
        endpoint: 'grpc://host.example:50051',
        endpoints: ['grpc://host.example:50051'],
      },
    ]);
    expect(reported()).toEqual(['collector 1.0 ACTIVE g1']);
  });

  it('G8, acceptance 4: stops and removes what is wanted no more, and reports it until it is gone', async () => {
    const { supervision, reported } = open();
    await supervision.setWishes([wish('collector')]);
    await pass(1_000);
    await supervision.setWishes([]);
    expect(reported()).toEqual(['collector 1.0 ACTIVE g1']);
    await pass(1_000);
    expect(engine.calls.slice(-2)).toEqual(['stop collector 1.0 g1', 'remove collector 1.0 g1']);
    expect(reported()).toEqual([]);
  });

  it('G2: never touches what has the label of another agent', async () => {
    const { supervision } = open();
    const other = open({ stateFile: (await import('../../testing/memoryState.ts')).memoryState({ owner: 'agent-2' }) });
    await supervision.setWishes([wish('collector')]);
    await other.supervision.setWishes([]);
    await pass(60_000);
    expect(engine.of('collector')).toMatchObject([{ status: 'RUNNING' }]);
    expect(engine.count('stop')).toBe(0);
  });

  it('G6: stops nothing before any list has come, whatever runs with its label', async () => {
    const first = open();
    await first.supervision.setWishes([wish('collector')]);
    await pass(1_000);
    kill(first);
    const { supervision } = open();
    await pass(60_000);
    expect(engine.count('stop')).toBe(0);
    expect(supervision.reports()).toBeNull();
  });

  it('G7, acceptance 1: after kill -9, what runs is adopted untouched, and the first report has it all ACTIVE', async () => {
    const first = open();
    await first.supervision.setWishes([wish('a'), wish('b', { generation: 3 })]);
    await pass(1_000);
    const before = engine.calls.length;
    const runs = [...engine.things.values()].map(({ id, startedAtMs }) => [id, startedAtMs]);
    kill(first);
    const second = open({ stateFile: first.stateFile });
    await pass(100);
    await second.supervision.firstLook;
    expect(second.reported()).toEqual(['a 1.0 ACTIVE g1', 'b 1.0 ACTIVE g3']);
    await pass(120_000);
    expect(engine.calls.length).toBe(before);
    expect([...engine.things.values()].map(({ id, startedAtMs }) => [id, startedAtMs])).toEqual(runs);
  });

  it('G7: another spec under the same generation is made anew, and the old goes once the new is healthy', async () => {
    const first = open();
    await first.supervision.setWishes([wish('a')]);
    await pass(1_000);
    kill(first);
    open({ stateFile: first.stateFile, yaml: 'plugins: { a: { memoryMib: 64 } }' });
    await pass(2_000);
    expect(engine.of('a')).toMatchObject([{ spec: { limits: { memoryMib: 64 } }, status: 'RUNNING' }]);
    expect(engine.calls.slice(-4)).toEqual(['create a 1.0 g1', 'start a 1.0 g1', 'stop a 1.0 g1', 'remove a 1.0 g1']);
  });

  it('G14: without what a wish needs, what runs is left alone, and the report says what lacks', async () => {
    const first = open();
    await first.supervision.setWishes([wish('a')]);
    await pass(1_000);
    kill(first);
    const { supervision } = open({ stateFile: first.stateFile, yaml: 'plugins: {}' });
    await supervision.setWishes([wish('a', { release: needy }), wish('b', { release: needy })]);
    await pass(60_000);
    expect(engine.count('stop')).toBe(0);
    expect(supervision.reports()).toMatchObject([
      { pluginId: 'a', state: 'ACTIVE' },
      { pluginId: 'b', state: 'ERROR', message: 'secrets.password: expected it for the variable PASSWORD; got none' },
    ]);
  });
});

describe('generations (G4)', () => {
  it('a higher generation is started beside the old, which goes once the new is healthy', async () => {
    const { supervision, reported } = open();
    await supervision.setWishes([wish('a')]);
    await pass(1_000);
    engine.onStart = (thing) => {
      thing.isHealthy = false;
    };
    await supervision.setWishes([wish('a', { generation: 2 })]);
    expect(reported()).toEqual(['a 1.0 ACTIVE g1']);
    await pass(1_000);
    expect(reported()).toEqual(['a 1.0 PROVISIONING g2']);
    expect(engine.count('stop')).toBe(0);
    for (const thing of engine.of('a')) thing.isHealthy = true;
    await pass(7_000);
    expect(reported()).toEqual(['a 1.0 ACTIVE g2']);
    expect(engine.of('a')).toMatchObject([{ spec: { identity: { generation: 2 } } }]);
  });

  it('where two can not run at a time, the old is stopped first', async () => {
    engine.runsBeside = false;
    const { supervision } = open();
    await supervision.setWishes([wish('a')]);
    await pass(1_000);
    await supervision.setWishes([wish('a', { generation: 2 })]);
    await pass(1_000);
    expect(engine.calls.slice(2)).toEqual([
      'start a 1.0 g1',
      'stop a 1.0 g1',
      'remove a 1.0 g1',
      'create a 1.0 g2',
      'start a 1.0 g2',
    ]);
  });
});

describe('restarts (G5)', () => {
  it('acceptance 6: begin at 0, 1, 3, 7 and 15 s at most, and after 5 failures the report says ERROR, the exit code and the log', async () => {
    const starts: number[] = [];
    const beganMs = Date.now();
    engine.onStart = (thing) => {
      starts.push(Math.round((Date.now() - beganMs) / 100) / 10);
      thing.logs.push('panic: the password is hunter2');
      engine.end(thing, 3);
    };
    const { supervision, reported, restarts } = open();
    await supervision.setWishes([wish('a')]);
    await pass(14_000);
    expect(starts.map(Math.floor)).toEqual([0, 1, 3, 7]);
    expect(reported()).toEqual(['a 1.0 PROVISIONING g1']);
    await pass(3_000);
    expect(supervision.reports()).toMatchObject([{ state: 'ERROR', observedGeneration: 1 }]);
    expect(supervision.reports()?.[0]?.message).toMatch(/^exit code 3\n(panic: the password is hunter2\n?)+$/);
    expect(restarts.length).toBe(4);

    engine.onStart = () => {};
    await supervision.setWishes([wish('a', { generation: 2 })]);
    await pass(1_000);
    expect(reported()).toEqual(['a 1.0 ACTIVE g2']);
  });

  it('the pause grows no longer than to 5 minutes, and ten healthy minutes forget the failures', async () => {
    let fails = true;
    engine.onStart = (thing) => {
      if (fails) engine.end(thing, 1);
    };
    const { supervision, stateFile } = open();
    await supervision.setWishes([wish('a')]);
    await pass(3_600_000);
    const before = engine.count('start');
    await pass(600_000);
    expect(engine.count('start') - before).toBe(2);
    fails = false;
    await pass(300_000 + 9 * 60_000);
    expect(Object.values(stateFile.state.records)).toMatchObject([{ failures: expect.any(Number) }]);
    await pass(120_000 + 300_000);
    expect(Object.values(stateFile.state.records)).toMatchObject([{ failures: 0 }]);
  });

  it('the attempts outlive the agent: a restart of it neither forgets nor hurries them', async () => {
    engine.onStart = (thing) => engine.end(thing, 1);
    const first = open();
    await first.supervision.setWishes([wish('a')]);
    await pass(8_000);
    const starts = engine.count('start');
    kill(first);
    const second = open({ stateFile: first.stateFile });
    await pass(5_000);
    expect(engine.count('start')).toBe(starts);
    await pass(4_000);
    expect(engine.count('start')).toBe(starts + 1);
    expect(second.supervision.reports()).toMatchObject([{ state: 'ERROR' }]);
  });

  it('G3: a plugin that is healthy no more for three checks is stopped and started again, and counted once', async () => {
    const { supervision, stateFile } = open();
    await supervision.setWishes([wish('a')]);
    await pass(1_000);
    const [thing] = engine.of('a');
    if (thing) thing.isHealthy = false;
    engine.onStart = (again) => {
      again.isHealthy = true;
    };
    await pass(12_000);
    expect(engine.count('stop')).toBe(0);
    await pass(8_000);
    expect(engine.count('stop')).toBe(1);
    expect(engine.count('start')).toBe(2);
    expect(Object.values(stateFile.state.records)).toMatchObject([
      { failures: 1, message: 'unhealthy: it does not serve' },
    ]);
    expect(supervision.reports()).toMatchObject([{ state: 'ACTIVE' }]);
  });

  it('an engine that restarts by itself is left to it, and what it gives up is an ERROR with its reason', async () => {
    engine.restartsItself = true;
    const { supervision } = open();
    await supervision.setWishes([wish('a')]);
    await pass(1_000);
    const [thing] = engine.of('a');
    if (thing) thing.status = 'FAILING';
    await pass(60_000);
    expect(engine.calls.length).toBe(3);
    expect(supervision.reports()).toMatchObject([{ state: 'ERROR', observedGeneration: 1 }]);
  });
});

describe('the engine away (G7)', () => {
  it('acceptance 7: a hang of 60 s makes no second copy, and the last known states are reported as unknown', async () => {
    const { supervision } = open();
    await supervision.setWishes([wish('a'), wish('b')]);
    await pass(1_000);
    engine.outage = 'HANGS';
    await supervision.setWishes([wish('a', { generation: 2 }), wish('b')]);
    await pass(60_000);
    expect(supervision.reports()).toMatchObject([
      { pluginId: 'a', state: 'ACTIVE', observedGeneration: 1 },
      {
        pluginId: 'b',
        state: 'ACTIVE',
        message: expect.stringMatching(/^unknown: the engine has not answered for \d+ s/),
      },
    ]);
    expect(engine.things.size).toBe(2);
    engine.restore();
    await pass(15_000);
    expect(engine.of('a')).toMatchObject([{ spec: { identity: { generation: 2 } }, status: 'RUNNING' }]);
    expect(engine.of('b').length).toBe(1);
    expect(engine.count('create b')).toBe(1);
    expect(supervision.reports()?.map(({ message }) => message)).toEqual([undefined, undefined]);
  });

  it('an engine that is away at the start says nothing about what runs, and no report is made', async () => {
    engine.outage = 'FAILS';
    const { supervision } = open();
    await supervision.setWishes([wish('a')]);
    await pass(30_000);
    await supervision.firstLook;
    expect(supervision.reports()).toBeNull();
    engine.restore();
    await pass(10_000);
    expect(supervision.reports()).toMatchObject([{ state: 'ACTIVE' }]);
  });
});

describe('many at once (G1, G11)', () => {
  it('acceptance 8: 50 plugins are fetched 4 at a time; one image that never comes ends as ERROR, and hinders no other', async () => {
    let pulling = 0;
    let most = 0;
    engine.onPull = async (image) => {
      pulling += 1;
      most = Math.max(most, pulling);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      pulling -= 1;
      if (image.includes('plugin-7:')) throw new DriverError('REFUSED', `manifest unknown: ${image}`);
    };
    const { supervision } = open();
    await supervision.setWishes(Array.from({ length: 50 }, (_, i) => wish(`plugin-${i}`)));
    await pass(60_000);
    expect(most).toBe(4);
    const states = Map.groupBy(supervision.reports() ?? [], ({ state }) => state);
    expect(states.get('ACTIVE')?.length).toBe(49);
    expect(states.get('ERROR')).toMatchObject([
      { pluginId: 'plugin-7', message: 'manifest unknown: r.example/plugin-7:1.0' },
    ]);
  });

  it('a plugin that is wanted no more ends its pull', async () => {
    let reason: unknown;
    engine.onPull = (_image, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(reason);
        });
      });
    const { supervision, reported } = open();
    await supervision.setWishes([wish('a')]);
    await pass(1_000);
    expect(reported()).toEqual(['a 1.0 PROVISIONING g1']);
    await supervision.setWishes([]);
    await pass(1_000);
    expect(reason).toBeDefined();
    expect(reported()).toEqual([]);
  });

  it('G11: an image that this agent fetched goes a day after the last plugin that wanted it', async () => {
    engine.pulled.add('of-others:1');
    const { supervision } = open();
    await supervision.setWishes([wish('a')]);
    await pass(1_000);
    await supervision.setWishes([]);
    await pass(23 * 3_600_000);
    expect(engine.count('remove-image')).toBe(0);
    await pass(3 * 3_600_000);
    expect(engine.calls.at(-1)).toBe('remove-image r.example/a:1.0');
    expect([...engine.pulled]).toEqual(['of-others:1']);
  });
});

it('G8: a drain on the host stops all, starts nothing, and says so', async () => {
  const { supervision } = open();
  await supervision.setWishes([wish('a')]);
  await pass(1_000);
  supervision.drain();
  await pass(60_000);
  expect(engine.things.size).toBe(0);
  expect(supervision.reports()).toMatchObject([
    { state: 'ERROR', message: 'stopped on its host by `agent drain --local`' },
  ]);
});

const needy = {
  image: 'needy:1',
  command: null,
  arguments: [],
  environment: [{ name: 'PASSWORD', value: null, secret: 'password' }],
  ports: [],
  health: { kind: 'NONE', port: null, path: null, service: null, intervalSeconds: 5 },
  resources: { memoryMib: null, cpuMillis: null },
  stopTimeoutSeconds: 10,
} as const;
