import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryEngine } from '../../testing/memoryEngine.ts';
import { stateFolder } from '../../testing/startAgent.ts';
import { type Supervised, type SuperviseOptions, supervise, wish } from '../../testing/supervise.ts';

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

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a host on which something is wrong', () => {
  it('G7: an engine that is away for long is asked no more often than at first', async () => {
    engine.outage = 'FAILS';
    let lists = 0;
    const driver = engine.open('agent-1');
    const asked = vi.spyOn(engine, 'open').mockReturnValue({
      ...driver,
      list: () => {
        lists += 1;
        return driver.list();
      },
    });
    open();
    asked.mockRestore();
    await pass(600_000);
    const first = lists;
    lists = 0;
    await pass(6_000_000);
    expect(lists).toBeLessThanOrEqual(10 * first + 10);
  });

  it('G5: a clock that is set back by years holds up no restart, and nothing is looked at without a pause', async () => {
    engine.onStart = (thing) => engine.end(thing, 1);
    const { supervision } = open();
    await supervision.setWishes([wish('a')]);
    await pass(600);
    expect(engine.count('start')).toBe(1);
    vi.setSystemTime(0);
    engine.onStart = () => {};
    await pass(31_000);
    expect(engine.count('start')).toBe(2);
    expect(engine.of('a')).toMatchObject([{ status: 'RUNNING' }]);
  });

  it('G5: no part of a secret is in a message, where the log is cut or a secret has several lines', async () => {
    const { path, remove } = stateFolder();
    const secret = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END KEY-----';
    writeFileSync(join(path, 'key'), `${secret}\n`);
    engine.onStart = (thing) => {
      thing.logs.push('MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', `${secret}${'x'.repeat(2_030)}`);
      engine.end(thing, 1);
    };
    const { supervision } = open({ yaml: `secrets: { key: { file: ${join(path, 'key')} } }` });
    await supervision.setWishes([wish('a', { release: keyed })]);
    await pass(500);
    remove();
    const message = supervision.reports()?.[0]?.message ?? '';
    expect(message).toMatch(/^exit code 1\n.*\*{3}x{2030}$/s);
    expect(message).not.toMatch(/QEFAASC|KEY-----/);
  });

  it('G1: a fault of one plugin, of whatever kind, hinders no other', async () => {
    const { supervision } = open({
      resolve: ({ pluginId }) => {
        if (pluginId === 'bad') throw new TypeError('of undefined');
      },
    });
    await supervision.setWishes([wish('bad'), wish('good')]);
    await pass(1_000);
    expect(supervision.reports()).toMatchObject([
      { pluginId: 'bad', state: 'ERROR', message: 'of undefined' },
      { pluginId: 'good', state: 'ACTIVE' },
    ]);
  });

  it.each(['constructor', '__proto__', 'toString', '../../etc', 'a/b', '$&', 'ü'.repeat(255)])(
    'G2: a plugin may have any id, such as %s',
    async (pluginId) => {
      const { supervision } = open();
      await supervision.setWishes([wish(pluginId)]);
      await pass(1_000);
      expect(supervision.reports()).toMatchObject([{ pluginId, state: 'ACTIVE' }]);
      const [thing] = engine.of(pluginId);
      expect(thing?.spec.name).toMatch(/^[a-z0-9-]{1,63}$/);
      expect(thing?.spec.image).toBe(`r.example/${pluginId}:1.0`);
    },
  );
});

const keyed = {
  image: 'keyed:1',
  command: null,
  arguments: [],
  environment: [{ name: 'KEY', value: null, secret: 'key' }],
  ports: [],
  health: { kind: 'NONE', port: null, path: null, service: null, intervalSeconds: 5 },
  resources: { memoryMib: null, cpuMillis: null },
  stopTimeoutSeconds: 10,
} as const;
