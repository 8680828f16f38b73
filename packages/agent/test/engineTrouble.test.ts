import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseConfig } from '../src/config/readConfig.ts';
import { openDockerDriver } from '../src/driver/docker/dockerDriver.ts';
import { Supervision } from '../src/loop/supervision.ts';
import type { Wish } from '../src/plugin/wish.ts';
import { resolveSpec } from '../src/spec/resolveSpec.ts';
import { type FakeEngine, openFakeEngine } from '../testing/fakeEngine/fakeEngine.ts';
import { memoryState } from '../testing/memoryState.ts';

/* The loop, the docker driver and a fake engine together: what the engine does wrong must not become two of anything. */

const yaml =
  "server: { url: http://127.0.0.1/graphql }\ndriver: docker\nimages: { template: 'r.example/{pluginId}:1' }";

interface Supervised {
  readonly engine: FakeEngine;
  readonly supervision: Supervision;
  /** The reports, by the plugins' ids: the state, and the message where there is one. */
  reported(): Record<string, { state: string; message?: string | null | undefined }>;
}

/** The loop of an agent over an engine of its test. @param timeoutMs the driver's patience with the engine */
async function supervise(timeoutMs: number): Promise<Supervised> {
  const engine = await openFakeEngine();
  const config = parseConfig(yaml);
  const stateFile = memoryState();
  const { owner } = stateFile.state;
  const { docker, registries } = config;
  const { socketPath } = engine;
  const driver = openDockerDriver({ ...docker, owner, socketPath, registries, timeoutMs, longTimeoutMs: timeoutMs });
  const supervision = new Supervision({
    driver,
    stateFile,
    resolve: (wish) => resolveSpec(wish, { config, owner, agentVersion: '0.1.0' }),
    check: async () => null,
    advertisedHost: 'host.example',
    keepUnusedImagesMs: 0,
    onReport: () => {},
    observer: { restarted: () => {}, pulled: () => {}, log: () => {} },
    random: () => 0,
  });
  supervision.start();
  onTestFinished(async () => {
    supervision.close();
    await driver.close();
    await engine.close();
  });
  return {
    engine,
    supervision,
    reported: () =>
      Object.fromEntries(
        (supervision.reports() ?? []).map(({ pluginId, state, message }) => [pluginId, { state, message }]),
      ),
  };
}

const wish = (pluginId: string): Wish => ({ domainId: 'acme', pluginId, version: '1.0', generation: 1, release: null });
const named = (count: number) => Array.from({ length: count }, (_, index) => `plugin-${index}`);
const imageOf = (pluginId: string) => `r.example/${pluginId}:1`;
const states = ({ reported }: Supervised) => Object.values(reported()).map(({ state }) => state);
const pluginsOf = ({ containers }: FakeEngine) =>
  [...containers.values()].map(({ body }) => body.Labels['muster.dev/plugin-id']).sort();

describe('G7, acceptance 7: an engine that answers no more', () => {
  test.each(['HANG', 'CUT'] as const)('by %s makes no second copy of any plugin', async (fault) => {
    const agent = await supervise(200);
    const { engine, supervision } = agent;
    const [first, later] = [named(4), named(8)];
    for (const pluginId of later) engine.registry.set(imageOf(pluginId), 'SERVES');
    await supervision.setWishes(first.map(wish));
    await expect.poll(() => states(agent)).toEqual(first.map(() => 'ACTIVE'));
    const before = new Set(engine.containers.keys());

    engine.onCall(() => fault);
    const start = engine.calls.length;
    await supervision.setWishes(later.map(wish));
    // Of what is there the last state is reported, and that it is old.
    await expect
      .poll(() => agent.reported()['plugin-0'])
      .toMatchObject({ state: 'ACTIVE', message: expect.stringMatching(/^unknown: the engine has not answered/) });
    // It is asked again and again, for a list alone.
    const isList = ({ path }: { path: string }) => /^\/(version|containers\/json)$/.test(path);
    await expect.poll(() => engine.calls.slice(start).filter(isList).length).toBeGreaterThan(1);
    expect(engine.calls.slice(start).filter(({ method }) => method === 'DELETE' || method === 'POST')).toEqual([]);

    engine.onCall(() => undefined);
    await expect.poll(() => states(agent)).toEqual(later.map(() => 'ACTIVE'));
    expect(pluginsOf(engine)).toEqual(later);
    expect([...before].every((id) => engine.containers.has(id))).toBe(true);
  });

  test('in the midst of the making of plugins makes each of them once all the same', async () => {
    const agent = await supervise(200);
    const { engine, supervision } = agent;
    const plugins = named(6);
    for (const pluginId of plugins) engine.registry.set(imageOf(pluginId), 'SERVES');
    // Each is made, and nobody hears of it.
    let muted = 0;
    engine.onCall(({ path }) => {
      const isMuted = path === '/containers/create' && muted < plugins.length;
      if (isMuted) muted += 1;
      return isMuted ? 'MUTE' : undefined;
    });
    await supervision.setWishes(plugins.map(wish));
    await expect.poll(() => states(agent)).toEqual(plugins.map(() => 'ACTIVE'));
    expect(muted).toBe(plugins.length);
    expect(pluginsOf(engine)).toEqual(plugins);
  });
});

test('G1, acceptance 8: 50 plugins at once are fetched 4 at a time; one whose image never comes is an ERROR in the registry’s words, and hinders no other', async () => {
  const agent = await supervise(30_000);
  const { engine, supervision } = agent;
  const plugins = named(50);
  for (const pluginId of plugins.slice(1)) engine.registry.set(imageOf(pluginId), 'SERVES');
  engine.onPull(() => sleep(5));
  await supervision.setWishes(plugins.map(wish));
  await expect.poll(() => states(agent).filter((state) => state === 'ACTIVE').length).toBe(49);
  await expect
    .poll(() => agent.reported()['plugin-0'])
    .toEqual({ state: 'ERROR', message: expect.stringContaining('manifest unknown') });
  expect(engine.mostPullsAtOnce()).toBe(4);
  expect(pluginsOf(engine)).toEqual(plugins.slice(1).sort());
});
