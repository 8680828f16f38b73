import type { MusterClient } from '@muster/client';
import { describe, expect, it } from 'vitest';
import type { ListedPlugin, PluginReport } from './contract.ts';
import { createSupervisorAgent } from './supervisorAgent.ts';

const identity = { domainId: 'acme', name: 'dev', hostname: 'dev.acme' };
const collector: PluginReport = { pluginId: 'collector', version: '1.0', state: 'ACTIVE' };

describe('a supervisor agent', () => {
  it('publishes who it is and what it runs, and resolves with what the server says', async () => {
    const listed = { pluginId: 'collector', version: '1.0', state: 'ACTIVE', generation: 2 } as const;
    const { client, inputs } = serverWith([[listed]]);
    const agent = createSupervisorAgent({ client, ...identity, labels: { env: 'dev' }, bootId: 'run-1' });
    expect(await agent.publish([collector])).toEqual({
      supervisorId: 'supervisor-1',
      state: 'ENABLED',
      plugins: [listed],
      rejected: [],
      token: null,
      nextPublishInMs: 7_000,
    });
    expect(inputs).toEqual([
      { input: { ...identity, labels: { env: 'dev' }, bootId: 'run-1', plugins: [collector] }, after: null },
    ]);
  });

  it('reads a long list to its end without reporting its plugins again', async () => {
    const page = (first: number): ListedPlugin[] =>
      Array.from({ length: 100 }, (_, i) => ({
        pluginId: `plugin-${first + i}`,
        version: '1.0',
        state: 'ACTIVE',
        generation: 1,
      }));
    const { client, inputs } = serverWith([page(0), page(100), page(200)]);
    const { plugins } = await createSupervisorAgent({ client, ...identity }).publish([collector]);
    expect(plugins.map((plugin) => plugin.pluginId)).toEqual(Array.from({ length: 300 }, (_, i) => `plugin-${i}`));
    expect(inputs.map(({ input, after }) => [input.plugins, after])).toEqual([
      [[collector], null],
      [null, 'cursor-1'],
      [null, 'cursor-2'],
    ]);
  });

  it('keeps its boot id for as long as it runs, and no two runs share one', async () => {
    const { client, inputs } = serverWith([[]]);
    const first = createSupervisorAgent({ client, ...identity });
    await first.publish([]);
    await first.publish(null);
    await createSupervisorAgent({ client, ...identity }).publish([]);
    const [one, again, other] = inputs.map(({ input }) => input.bootId);
    expect(one).toBe(again);
    expect(one).not.toBe(other);
  });
});

interface Published {
  input: { plugins: readonly PluginReport[] | null; bootId: string };
  after: string | null;
}

/** A server whose list of plugins has these pages. */
function serverWith(pages: readonly (readonly ListedPlugin[])[]): {
  client: Pick<MusterClient, 'mutate'>;
  inputs: Published[];
} {
  const inputs: Published[] = [];
  const client: Pick<MusterClient, 'mutate'> = {
    mutate: async (_: unknown, variables: unknown) => {
      const published = variables as Published;
      inputs.push(published);
      const place = published.after === null ? 0 : Number(published.after.replace('cursor-', ''));
      const pageInfo = { hasNextPage: place + 1 < pages.length, endCursor: `cursor-${place + 1}` };
      const supervisor = { id: 'supervisor-1', state: 'ENABLED', plugins: { nodes: pages[place], pageInfo } };
      return { publishSupervisor: { supervisor, rejected: [], token: null, nextPublishInMs: 7_000 } } as never;
    },
  };
  return { client, inputs };
}
