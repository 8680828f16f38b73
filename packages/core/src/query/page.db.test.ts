import type { Plugin, Supervisor } from '@muster/db';
import { propertyRuns } from '@muster/db/testing/propertyRuns';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { pageInfoOf } from '../../testing/pageInfo.ts';
import { insertManagedPlugin, newDomain, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import { newSupervisorId } from '../base/ids.ts';
import { type ListPluginsInput, listPlugins, listPluginsOf } from '../plugin/read.ts';
import { type ListSupervisorsInput, listSupervisors } from '../supervisor/read.ts';
import type { PageArguments } from './keyset.ts';
import type { Page } from './page.ts';

let queries = 0;
const t = useTestCore({
  database: {
    onQuery: (text) => {
      // The tail of the event log reads when it is woken, whatever these tests do.
      if (!text.includes('FROM events')) queries++;
    },
  },
});
const domain = newDomain();
const states = ['PENDING', 'ENABLED', 'DISABLED', 'DISCONNECTED'] as const;

/** Supervisors whose names, priorities and states are far from unique. */
async function makeSupervisors(of: TestDomain, count: number): Promise<Supervisor[]> {
  const data = Array.from({ length: count }, (_, i) => ({
    id: newSupervisorId(),
    domainId: of.domainId,
    hostname: `host-${i}`,
    name: ['a', 'B', 'ä', 'b', '_'][i % 5] ?? '',
    priority: i % 3,
    state: states[i % 4] ?? 'PENDING',
    registeredAt: i % 4 === 0 ? null : new Date(),
    createdAt: new Date(Date.UTC(2026, 0, 1) + (i % 6)),
  }));
  return t.db.prisma.supervisor.createManyAndReturn({ data });
}

beforeAll(async () => {
  await makeSupervisors(domain, 40);
  await makeSupervisors(newDomain(), 5);
});

type OrderBy = NonNullable<ListSupervisorsInput['orderBy']>;

/** All pages, read one after another. */
async function pages(
  read: (page: PageArguments) => Promise<Page<Supervisor>>,
  size: number,
  backward: boolean,
  between: (round: number) => Promise<void> = async () => {},
): Promise<Supervisor[]> {
  const read_: Supervisor[] = [];
  let page = await read(backward ? { last: size } : { first: size });
  for (let round = 0; ; round++) {
    const nodes = page.edges.map(({ node }) => node);
    if (backward) read_.unshift(...nodes);
    else read_.push(...nodes);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = await pageInfoOf(page);
    if (!(backward ? hasPreviousPage : hasNextPage)) return read_;
    await between(round);
    page = await read(backward ? { last: size, before: startCursor } : { first: size, after: endCursor });
  }
}

const rank: Record<string, (supervisor: Supervisor) => string | number> = {
  ID: ({ id }) => id,
  NAME: ({ name }) => Buffer.from(name).toString('hex'),
  HOSTNAME: ({ hostname }) => hostname,
  STATE: ({ state }) => states.indexOf(state),
  PRIORITY: ({ priority }) => priority,
  CREATED_AT: ({ createdAt }) => Number(createdAt),
};

function sorted(rows: Supervisor[], orderBy: OrderBy): string[] {
  const keys = [...orderBy, { field: 'ID', direction: 'ASC' } as const];
  const compare = (a: Supervisor, b: Supervisor) => {
    for (const { field, direction } of keys) {
      const [x, y] = [rank[field]?.(a) ?? 0, rank[field]?.(b) ?? 0];
      if (x !== y) return (x < y ? -1 : 1) * (direction === 'ASC' ? 1 : -1);
    }
    return 0;
  };
  return rows.toSorted(compare).map(({ id }) => id);
}

const asc = 'ASC' as const;
const desc = 'DESC' as const;
const orders: OrderBy[] = [
  [{ field: 'NAME', direction: asc }],
  [{ field: 'NAME', direction: desc }],
  [{ field: 'PRIORITY', direction: desc }],
  [{ field: 'STATE', direction: asc }],
  [{ field: 'CREATED_AT', direction: desc }],
  [
    { field: 'PRIORITY', direction: desc },
    { field: 'NAME', direction: asc },
  ],
  [
    { field: 'STATE', direction: asc },
    { field: 'CREATED_AT', direction: desc },
    { field: 'NAME', direction: desc },
  ],
  [
    { field: 'NAME', direction: desc },
    { field: 'ID', direction: desc },
  ],
  [{ field: 'ID', direction: desc }],
];

describe('pages over an order that is not unique hold every row once, forward and backward', () => {
  test.each(orders.map((orderBy) => ({ orderBy, says: orderBy.map((key) => `${key.field} ${key.direction}`).join() })))(
    '$says',
    async ({ orderBy }) => {
      const everything = await t.db.prisma.supervisor.findMany({ where: { domainId: domain.domainId } });
      const expected = sorted(everything, orderBy);
      const read = (page: PageArguments) => listSupervisors(t.core, domain.viewer, { ...page, orderBy });
      for (const [size, backward] of [
        [7, false],
        [7, true],
        [40, false],
        [100, true],
        [1, true],
      ] as const) {
        const found = await pages(read, size, backward);
        expect(
          found.map(({ id }) => id),
          `${size} ${backward}`,
        ).toEqual(expected);
      }
    },
  );
});

test('rows that come and go between pages are the only ones whose place is uncertain', async () => {
  for (const backward of [false, true]) {
    const own = newDomain();
    const original = await makeSupervisors(own, 30);
    const removed = new Set<string>();
    const orderBy: OrderBy = [
      { field: 'PRIORITY', direction: desc },
      { field: 'NAME', direction: asc },
    ];
    const found = await pages(
      (page) => listSupervisors(t.core, own.viewer, { ...page, orderBy }),
      4,
      backward,
      async (round) => {
        const victim = original[(round * 7) % 30];
        if (victim) removed.add(victim.id);
        await t.db.sql.query('DELETE FROM supervisors WHERE id = $1', [victim?.id]);
        await t.db.prisma.supervisor.create({
          data: { id: newSupervisorId(), domainId: own.domainId, hostname: `new-${round}`, name: 'b', priority: 1 },
        });
      },
    );
    const ids = found.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const stayed = original.filter(({ id }) => !removed.has(id));
    expect(ids.filter((id) => stayed.some((row) => row.id === id))).toEqual(sorted(stayed, orderBy));
  }
});

test('a cursor works on after its row has been deleted', async () => {
  const own = newDomain();
  await makeSupervisors(own, 10);
  const first = await listSupervisors(t.core, own.viewer, { first: 3 });
  const rest = await listSupervisors(t.core, own.viewer, { first: 10, after: first.pageInfo.endCursor });
  await t.db.sql.query('DELETE FROM supervisors WHERE id = $1', [first.edges.at(-1)?.node.id]);
  const again = await listSupervisors(t.core, own.viewer, { first: 10, after: first.pageInfo.endCursor });
  expect(again.edges).toEqual(rest.edges);
});

describe('what a page says of its surroundings', () => {
  const infoOf = async (page: PageArguments) => pageInfoOf(await listSupervisors(t.core, domain.viewer, page));

  test('a page that ends where the list ends has no next one', async () => {
    expect(await infoOf({ first: 40 })).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    expect(await infoOf({ first: 39 })).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    expect(await infoOf({ last: 40 })).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    expect(await infoOf({ last: 39 })).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  test('after the last row there is an empty page', async () => {
    const { endCursor } = await infoOf({ last: 1 });
    expect(await infoOf({ first: 5, after: endCursor })).toEqual({
      hasNextPage: false,
      hasPreviousPage: true,
      startCursor: null,
      endCursor: null,
    });
  });

  test('flags are about rows, not about cursors', async () => {
    const own = newDomain();
    const ids = (await makeSupervisors(own, 3)).map(({ id }) => id);
    const read = (page: PageArguments, orderBy: OrderBy = [{ field: 'HOSTNAME', direction: asc }]) =>
      listSupervisors(t.core, own.viewer, { ...page, orderBy });
    const flags = async (page: PageArguments, orderBy?: OrderBy) => {
      const { hasPreviousPage, hasNextPage } = await pageInfoOf(await read(page, orderBy));
      return [hasPreviousPage, hasNextPage];
    };
    const cursors = (await read({})).edges.map(({ cursor }) => cursor);
    expect(await flags({ first: 0 })).toEqual([false, true]);
    expect(await flags({ last: 0 })).toEqual([true, false]);
    expect(await flags({ first: 0, after: cursors[0] })).toEqual([true, true]);
    expect(await flags({ first: 0, after: cursors[2] })).toEqual([true, false]);
    expect(await flags({ last: 0, before: cursors[0] })).toEqual([false, true]);
    expect(await flags({ last: 1, before: cursors[1] })).toEqual([false, true]);
    await t.db.sql.query('DELETE FROM supervisors WHERE id = $1', [ids[0]]);
    expect(await flags({ first: 1, after: cursors[0] })).toEqual([false, true]);
    await t.db.sql.query('DELETE FROM supervisors WHERE id = $1', [ids[2]]);
    expect(await flags({ last: 1, before: cursors[2] })).toEqual([false, false]);
    await t.db.sql.query('DELETE FROM supervisors WHERE id = $1', [ids[1]]);
    expect(await flags({ first: 0 })).toEqual([false, false]);
    expect(await flags({ first: 1, after: cursors[1] })).toEqual([false, false]);
  });

  test('whatever the order, the filter, and the place that a page is read from', async () => {
    const everything = await t.db.prisma.supervisor.findMany({ where: { domainId: domain.domainId } });
    const filters = [null, ...states].map((state) => ({
      filter: state === null ? null : { state: { eq: state } },
      accepts: (id: string) => state === null || everything.some((row) => row.id === id && row.state === state),
    }));
    const page = fc.record({
      orderBy: fc.constantFrom(...orders),
      shown: fc.constantFrom(...filters),
      size: fc.nat(4),
      backward: fc.boolean(),
      place: fc.option(fc.nat(39)),
    });
    await fc.assert(
      fc.asyncProperty(page, async ({ orderBy, shown: { filter, accepts }, size, backward, place }) => {
        const order = sorted(everything, orderBy);
        const all = await listSupervisors(t.core, domain.viewer, { orderBy, first: 40 });
        const cursor = place === null ? null : all.edges[place]?.cursor;
        const asked = backward ? { last: size, before: cursor } : { first: size, after: cursor };
        const found = await listSupervisors(t.core, domain.viewer, { ...asked, orderBy, filter });
        // A page that is read backward is one of the reversed list.
        const inDirection = <Item>(items: Item[]) => (backward ? items.toReversed() : items);
        const ids = inDirection(order);
        const end = place === null ? 0 : ids.indexOf(order[place] ?? '') + 1;
        const ahead = ids.slice(end).filter(accepts);
        const behind = ids.slice(0, end).filter(accepts);
        expect(found.edges.map(({ node }) => node.id)).toEqual(inDirection(ahead.slice(0, size)));
        const { hasNextPage, hasPreviousPage } = await pageInfoOf(found);
        expect([hasPreviousPage, hasNextPage]).toEqual(inDirection([behind.length > 0, ahead.length > size]));
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  test('a filter that no row before the cursor meets leaves no page before it', async () => {
    const orderBy: OrderBy = [{ field: 'ID', direction: asc }];
    const all = await listSupervisors(t.core, domain.viewer, { orderBy, first: 40 });
    const [first, second] = all.edges;
    const filter = { id: { ne: first?.node.id ?? '' } };
    const page = { orderBy, first: 1, after: first?.cursor ?? '' };
    const flagOf = async (input: ListSupervisorsInput) =>
      (await pageInfoOf(await listSupervisors(t.core, domain.viewer, input))).hasPreviousPage;
    expect(await flagOf(page)).toBe(true);
    expect(await flagOf({ ...page, filter })).toBe(false);
    expect(await flagOf({ ...page, filter, after: second?.cursor ?? '' })).toBe(true);
  });

  test('an empty page that was asked for runs no query, and still counts when asked', async () => {
    queries = 0;
    const page = await listSupervisors(t.core, domain.viewer, { first: 0 });
    expect(page.edges).toEqual([]);
    expect(queries).toBe(0);
    expect(await page.totalCount()).toBe(40);
    expect(queries).toBe(1);
  });

  test('the number of all is of all that matches, whatever the page', async () => {
    const filter = { state: { eq: 'ENABLED' as const } };
    const page = await listSupervisors(t.core, domain.viewer, { first: 2, filter });
    const next = await listSupervisors(t.core, domain.viewer, { first: 2, filter, after: page.pageInfo.endCursor });
    expect([await page.totalCount(), await next.totalCount()]).toEqual([10, 10]);
  });
});

test('a page in another order than its cursor is BAD_USER_INPUT', async () => {
  const { pageInfo } = await listSupervisors(t.core, domain.viewer, { first: 1 });
  const input = { first: 1, after: pageInfo.endCursor, orderBy: [{ field: 'NAME', direction: desc } as const] };
  expect(await refusalOf(listSupervisors(t.core, domain.viewer, input))).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { path: ['after'] },
  });
});

test('an order by what there is not is BAD_USER_INPUT', async () => {
  const orderBy = JSON.parse('[{"field":"SECRET_HASH","direction":"ASC"}]');
  expect(await refusalOf(listSupervisors(t.core, domain.viewer, { orderBy }))).toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { path: ['orderBy', 0, 'field'] },
  });
});

test('a listed supervisor is the one that Prisma reads, but for the secret’s hash', async () => {
  const page = await listSupervisors(t.core, domain.viewer, { first: 3 });
  for (const { node } of page.edges) {
    const row = await t.db.prisma.supervisor.findUniqueOrThrow({ where: { id: node.id } });
    expect(node).toEqual({ ...row, secretHash: null });
  }
});

describe('the plugins of many supervisors', () => {
  const own = newDomain();
  const tenant = newDomain();
  let supervisors: Supervisor[] = [];
  beforeAll(async () => {
    supervisors = await makeSupervisors(own, 6);
    for (const [i, supervisor] of supervisors.entries()) {
      for (let n = 0; n < i * 2; n++) {
        await insertManagedPlugin(t, supervisor, { pluginId: `p-${n % 3}`, version: String(n), managed: n % 2 === 0 });
      }
      await insertManagedPlugin(t, { id: supervisor.id, domainId: tenant.domainId }, { pluginId: 'foreign' });
    }
  });

  const selections: ListPluginsInput[] = [
    {},
    { first: 3 },
    { last: 2 },
    { first: 0 },
    { first: 4, filter: { managed: { eq: true } } },
    {
      first: 3,
      orderBy: [
        { field: 'VERSION', direction: desc },
        { field: 'PLUGIN_ID', direction: asc },
      ],
    },
    {
      last: 3,
      orderBy: [
        { field: 'STATE', direction: asc },
        { field: 'VERSION', direction: desc },
      ],
    },
  ];
  test.each(selections)('are, by one query, the lists that each would have by itself: %j', async (selection) => {
    queries = 0;
    const scope = { domainId: own.domainId };
    const ids = supervisors.map(({ id }) => id);
    const nested = await listPluginsOf(t.core, scope, ids, selection);
    expect(queries).toBe(selection.first === 0 ? 0 : 1);
    const counts = await Promise.all(ids.map((id) => nested.get(id)?.totalCount()));
    expect(queries).toBe(selection.first === 0 ? 1 : 2);
    for (const [i, id] of ids.entries()) {
      const filter = { and: [{ supervisorId: { eq: id } }, selection.filter ?? {}] };
      const alone = await listPlugins(t.core, own.viewer, { ...selection, filter });
      expect(nested.get(id)?.edges).toEqual(alone.edges satisfies Page<Plugin>['edges']);
      const page = nested.get(id);
      expect(page && (await pageInfoOf(page))).toEqual(await pageInfoOf(alone));
      expect(counts[i]).toBe(await alone.totalCount());
    }
  });

  test('go on from the cursor of one of them', async () => {
    const id = supervisors[5]?.id ?? '';
    const scope = { domainId: own.domainId };
    const first = (await listPluginsOf(t.core, scope, [id], { first: 4 })).get(id);
    const next = (await listPluginsOf(t.core, scope, [id], { first: 4, after: first?.pageInfo.endCursor })).get(id);
    const whole = (await listPluginsOf(t.core, scope, [id], { first: 8 })).get(id);
    expect([...(first?.edges ?? []), ...(next?.edges ?? [])]).toEqual(whole?.edges);
  });

  test('of a supervisor that has none, or that there is not, are an empty page', async () => {
    const nowhere = 'supervisor-000000000000';
    const nested = await listPluginsOf(t.core, { domainId: own.domainId }, [supervisors[0]?.id ?? '', nowhere], {});
    for (const page of nested.values()) expect([page.edges, await page.totalCount()]).toEqual([[], 0]);
    expect(nested.size).toBe(2);
  });
});
