import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type FakeEngine, openFakeEngine } from '../testing/fakeEngine/fakeEngine.ts';
import { type SupervisedDocker, superviseDocker, wishOf } from '../testing/superviseDocker.ts';

/* The loop, the docker driver and a fake engine together: what the engine does wrong must not become two of anything. */

/** The loop of an agent over an engine of its test. @param timeoutMs the driver's patience with the engine */
async function supervise(timeoutMs: number): Promise<SupervisedDocker & { readonly engine: FakeEngine }> {
  const engine = await openFakeEngine();
  const agent = superviseDocker({ socketPath: engine.socketPath, template: 'r.example/{pluginId}:1', timeoutMs });
  onTestFinished(async () => {
    await agent.close();
    await engine.close();
  });
  return { ...agent, engine };
}

const named = (count: number) => Array.from({ length: count }, (_, index) => `plugin-${index}`);
const imageOf = (pluginId: string) => `r.example/${pluginId}:1`;
const states = ({ reported }: SupervisedDocker) => Object.values(reported()).map(({ state }) => state);
const pluginsOf = ({ containers }: FakeEngine) =>
  [...containers.values()].map(({ body }) => body.Labels['muster.dev/plugin-id']).sort();

describe('G7, acceptance 7: an engine that answers no more', () => {
  test.each(['HANG', 'CUT'] as const)('by %s makes no second copy of any plugin', async (fault) => {
    const agent = await supervise(200);
    const { engine, supervision } = agent;
    const [first, later] = [named(4), named(8)];
    for (const pluginId of later) engine.registry.set(imageOf(pluginId), 'SERVES');
    await supervision.setWishes(first.map((pluginId) => wishOf(pluginId)));
    await expect.poll(() => states(agent)).toEqual(first.map(() => 'ACTIVE'));
    const before = new Set(engine.containers.keys());

    engine.onCall(() => fault);
    const start = engine.calls.length;
    await supervision.setWishes(later.map((pluginId) => wishOf(pluginId)));
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
    await supervision.setWishes(plugins.map((pluginId) => wishOf(pluginId)));
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
  await supervision.setWishes(plugins.map((pluginId) => wishOf(pluginId)));
  await expect.poll(() => states(agent).filter((state) => state === 'ACTIVE').length).toBe(49);
  await expect
    .poll(() => agent.reported()['plugin-0'])
    .toEqual({ state: 'ERROR', message: expect.stringContaining('manifest unknown') });
  expect(engine.mostPullsAtOnce()).toBe(4);
  expect(pluginsOf(engine)).toEqual(plugins.slice(1).sort());
});
