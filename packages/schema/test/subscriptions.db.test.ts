import type { Viewer } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { beforeEach, describe, expect, test } from 'vitest';
import { plain, useTestApi } from '../testing/testApi.ts';

const api = useTestApi();
let domainId = '';
let round = 0;
beforeEach(() => {
  domainId = `domain-${++round}`;
});

/** The next results of a subscription, as data. */
async function take(stream: AsyncGenerator<ExecutionResult>, count: number): Promise<unknown[]> {
  const results: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const { value, done } = await stream.next();
    if (done || value.errors) throw new Error(`expected data; got ${JSON.stringify(value)}`);
    results.push(Object.values(plain(value.data) as object)[0]);
  }
  return results;
}

async function report(hostname: string, states: Record<string, string>): Promise<string> {
  const plugins = Object.entries(states).map(([pluginId, state]) => ({ pluginId, version: '1', state }));
  const { publishSupervisor } = await api.ask<{ publishSupervisor: { supervisor: { id: string } } }>(
    'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id } } }',
    { input: { domainId, name: hostname, hostname, labels: { host: hostname }, plugins } },
  );
  return publishSupervisor.supervisor.id;
}

async function command(name: string, supervisorId: string, fields = ''): Promise<void> {
  const payload = name === 'deregister' ? 'deregisteredId' : 'supervisor { id }';
  await api.ask(`mutation { ${name}Supervisor(input: {supervisorId: "${supervisorId}"${fields}}) { ${payload} } }`);
}

describe('supervisorStateChanged', () => {
  const query = `subscription ($filter: SupervisorEventFilter, $after: Cursor, $domainId: ID) {
    supervisorStateChanged(filter: $filter, after: $after, domainId: $domainId) {
      cursor at from to reason actor supervisor { name state priority plugins { totalCount } }
    }
  }`;

  test('tells each change of state, coming and going included, with the supervisor as of that change', async () => {
    const stream = await api.watch(query, { domainId });
    const id = await report('h', { p: 'ACTIVE' });
    await command('register', id, ', name: "first"');
    await command('update', id, ', name: "second", priority: 3');
    await command('disable', id);
    await command('deregister', id);
    const common = { cursor: expect.any(String), at: expect.any(String), actor: 'anonymous' };
    const supervisor = (name: string, state: string, priority: number) => ({
      name,
      state,
      priority,
      plugins: { totalCount: 0 },
    });
    expect(await take(stream, 4)).toEqual([
      { ...common, from: 'NONE', to: 'PENDING', reason: 'PUBLISHED', supervisor: supervisor('h', 'PENDING', 0) },
      {
        ...common,
        from: 'PENDING',
        to: 'ENABLED',
        reason: 'REGISTERED',
        supervisor: supervisor('first', 'ENABLED', 0),
      },
      {
        ...common,
        from: 'ENABLED',
        to: 'DISABLED',
        reason: 'DISABLED_BY_OPERATOR',
        supervisor: supervisor('second', 'DISABLED', 3),
      },
      {
        ...common,
        from: 'DISABLED',
        to: 'NONE',
        reason: 'DEREGISTERED',
        supervisor: supervisor('second', 'DISABLED', 3),
      },
    ]);
    await stream.return(undefined);
  });

  test.each([
    ['{"to": {"eq": "ENABLED"}}', ['a PENDING>ENABLED', 'b PENDING>ENABLED', 'b DISABLED>ENABLED']],
    ['{"from": {"eq": "NONE"}}', ['a NONE>PENDING', 'b NONE>PENDING']],
    ['{"to": {"in": ["DISABLED", "NONE"]}}', ['b ENABLED>DISABLED', 'b ENABLED>NONE']],
    ['{"hostname": {"eq": "a"}}', ['a NONE>PENDING', 'a PENDING>ENABLED']],
    [
      '{"labels": {"contains": {"host": "b"}}, "from": {"ne": "NONE"}, "reason": {"startsWith": "DIS"}}',
      ['b ENABLED>DISABLED'],
    ],
    ['{"name": {"eq": "nobody"}}', []],
  ])('sends only what the filter %s accepts', async (filter, expected) => {
    const stream = await api.watch(
      `subscription ($domainId: ID, $filter: SupervisorEventFilter) {
        supervisorStateChanged(domainId: $domainId, filter: $filter) { from to supervisor { hostname } }
      }`,
      { domainId, filter: JSON.parse(filter) },
    );
    const [a, b] = [await report('a', {}), await report('b', {})];
    for (const id of [a, b]) await command('register', id);
    await command('disable', b);
    await command('enable', b);
    await command('deregister', b);
    const received = (await take(stream, expected.length)) as {
      from: string;
      to: string;
      supervisor: { hostname: string };
    }[];
    expect(received.map(({ from, to, supervisor }) => `${supervisor.hostname} ${from}>${to}`)).toEqual(expected);
    // Had anything else been let through, it would come before the end.
    await api.core.hub.tail.catchUp();
    const next = stream.next();
    await stream.return(undefined);
    expect(await next).toEqual({ value: undefined, done: true });
  });
});

describe('pluginStateChanged', () => {
  const query = `subscription ($filter: PluginEventFilter, $after: Cursor, $domainId: ID) {
    pluginStateChanged(filter: $filter, after: $after, domainId: $domainId) {
      cursor from to reason plugin { pluginId state generation supervisorName supervisor { hostname state connected } }
    }
  }`;

  test('tells each change of state, with the plugin as of that change and its supervisor as of now', async () => {
    const stream = await api.watch(query, { domainId, filter: { pluginId: { eq: 'p' } } });
    const id = await report('h', { p: 'PROVISIONING', q: 'ACTIVE' });
    await command('register', id);
    await report('h', { p: 'ACTIVE', q: 'ERROR' });
    await api.ask(
      `mutation { recoverPlugin(input: {supervisorId: "${id}", pluginId: "p", version: "1"}) { plugin { id } } }`,
    );
    await command('update', id, ', name: "renamed"');
    const plugin = (state: string, generation: number) => ({
      pluginId: 'p',
      state,
      generation,
      supervisorName: 'renamed',
      supervisor: { hostname: 'h', state: 'ENABLED', connected: true },
    });
    const cursor = expect.any(String);
    expect(await take(stream, 3)).toEqual([
      { cursor, from: 'NONE', to: 'PROVISIONING', reason: null, plugin: plugin('PROVISIONING', 1) },
      { cursor, from: 'PROVISIONING', to: 'ACTIVE', reason: null, plugin: plugin('ACTIVE', 1) },
      {
        cursor,
        from: 'ACTIVE',
        to: 'RE_PROVISIONING',
        reason: 'RECOVER_REQUESTED',
        plugin: plugin('RE_PROVISIONING', 2),
      },
    ]);
    await stream.return(undefined);
  });

  test('a condition on the plugin is by its id; an operand that is null is no condition', async () => {
    const all = await api.watch(query, { domainId, filter: { pluginInstanceId: { eq: null }, version: null } });
    await report('h', { p: 'ACTIVE', q: 'ACTIVE' });
    expect(await take(all, 2)).toMatchObject([{ to: 'ACTIVE' }, { to: 'ACTIVE' }]);
    await all.return(undefined);
    const { plugins } = await api.ask<{ plugins: { nodes: { id: string }[] } }>(
      `{ plugins(domainId: "${domainId}", filter: {pluginId: {eq: "q"}}) { nodes { id } } }`,
    );
    const filter = { pluginInstanceId: { eq: plugins.nodes[0]?.id } };
    const one = await api.watch(query, { domainId, filter });
    await report('h', { p: 'ERROR', q: 'ERROR' });
    expect(await take(one, 1)).toMatchObject([{ to: 'ERROR', plugin: { pluginId: 'q' } }]);
    await one.return(undefined);
  });

  test('a plugin of a supervisor that has been deregistered still has its supervisor, as it last was', async () => {
    const stream = await api.watch(query, { domainId });
    const id = await report('h', { p: 'ACTIVE' });
    await command('register', id, ', name: "last name"');
    await command('deregister', id);
    expect(await take(stream, 2)).toMatchObject([
      {
        from: 'NONE',
        to: 'ACTIVE',
        plugin: { supervisorName: 'last name', supervisor: { hostname: 'h', connected: false } },
      },
      { from: 'ACTIVE', to: 'NONE', plugin: { supervisorName: 'last name', supervisor: { state: 'ENABLED' } } },
    ]);
    await stream.return(undefined);
  });

  test('E3: from any cursor on, exactly what came after it; and the cursors are those of events', async () => {
    const stream = await api.watch(query, { domainId });
    for (const state of ['ACTIVE', 'ERROR', 'ACTIVE', 'PROVISIONING', 'ACTIVE']) await report('h', { p: state });
    const whole = (await take(stream, 5)) as { cursor: string }[];
    const { events } = await api.ask<{ events: { nodes: { cursor: string }[] } }>(
      `{ events(domainId: "${domainId}", filter: {pluginInstanceId: {isNull: false}}) { nodes { cursor } } }`,
    );
    expect(whole.map(({ cursor }) => cursor)).toEqual(events.nodes.map(({ cursor }) => cursor));
    for (const [place, { cursor }] of whole.entries()) {
      const resumed = await api.watch(query, { domainId, after: cursor });
      const rest = whole.length - place - 1;
      expect(await take(resumed, rest)).toEqual(whole.slice(place + 1));
      await resumed.return(undefined);
    }
    await stream.return(undefined);
  });

  test('A2: another domain is FORBIDDEN before anything is sent, and nothing of another is seen', async () => {
    const viewer: Viewer = { subject: 'viewer', role: 'VIEWER', domainId };
    await expect(api.watch(query, { domainId: 'domain-other' }, viewer)).rejects.toThrow(/expected domain/);
    const stream = await api.watch(query, {}, viewer);
    const own = domainId;
    domainId = 'domain-of-others';
    await report('h', { foreign: 'ACTIVE' });
    domainId = own;
    await report('h', { own: 'ACTIVE' });
    expect(await take(stream, 1)).toMatchObject([{ plugin: { pluginId: 'own' } }]);
    await stream.return(undefined);
  });
});

describe('viewer { cursor }', () => {
  const changes = `subscription ($domainId: ID, $after: Cursor) {
    pluginStateChanged(domainId: $domainId, after: $after) { to }
  }`;
  const read = () =>
    api.ask<{ plugins: { nodes: { state: string }[] }; viewer: { cursor: string } }>(
      `{ plugins(domainId: "${domainId}") { nodes { state } } viewer { cursor } }`,
    );

  test('is the cursor of the last event, for every role', async () => {
    await report('h', { p: 'ACTIVE' });
    await api.core.hub.tail.catchUp();
    const { events } = await api.ask<{ events: { nodes: { cursor: string }[] } }>(
      '{ events(last: 1) { nodes { cursor } } }',
    );
    for (const role of ['VIEWER', 'SUPERVISOR'] as const) {
      expect(await api.ask('{ viewer { cursor } }', {}, { subject: 'a', role, domainId })).toEqual({
        viewer: { cursor: events.nodes[0]?.cursor },
      });
    }
  });

  test('E3: leaves no gap between what the same request reads and a subscription after it', async () => {
    await report('h', { p: 'PROVISIONING' });
    for (const state of ['ACTIVE', 'ERROR', 'ACTIVE', 'ERROR']) {
      const [answer] = await Promise.all([read(), report('h', { p: state })]);
      const stream = await api.watch(changes, { domainId, after: answer.viewer.cursor });
      let known = answer.plugins.nodes[0]?.state;
      while (known !== state) [{ to: known }] = (await take(stream, 1)) as [{ to: string }];
      await stream.return(undefined);
    }
  });
});
