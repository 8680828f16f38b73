import { type Sql, Work } from '@muster/db';
import { beforeAll, describe, expect, test } from 'vitest';
import { newDomain, publish, refusalOf, useTestCore } from '../../testing/testCore.ts';
import type { CoreInternals } from '../core.ts';
import { readJson } from '../jsonRead/read.ts';
import type { Member, Read } from '../jsonRead/readParts.ts';
import { findNodes } from '../node.ts';
import { listPlugins, listPluginsOf } from '../plugin/read.ts';
import { searchPlugins } from '../search/list.ts';
import { statPlugins } from '../search/stat.ts';

const t = useTestCore();
const domain = newDomain();
let supervisorId: string;

beforeAll(async () => {
  const plugins = Array.from({ length: 40 }, (_, i) => ({
    pluginId: `p${String(i).padStart(2, '0')}`,
    version: '1',
    state: 'ACTIVE' as const,
    message: `é"${'m'.repeat(998)}`,
  }));
  ({
    supervisor: { id: supervisorId },
  } = await publish(t, domain, { hostname: 'h', plugins }));
});

/** A core with a bound, and the bytes of the largest row that the database has handed it. */
function coreWith(answerBytes: number) {
  const limits = { ...t.core.settings.limits, answerBytes };
  const largest = { bytes: 0 };
  const noting = (sql: Sql): Sql => ({
    query: async (statement, values) => {
      const rows = await sql.query<object>(statement, values);
      for (const row of rows) largest.bytes = Math.max(largest.bytes, JSON.stringify(row).length);
      return rows as never;
    },
  });
  const { db } = t.core;
  const transaction: typeof db.transaction = (run) => db.transaction((sql) => run(noting(sql)));
  const noted = { ...db, sql: noting(db.sql), shortSql: noting(db.shortSql), transaction };
  const core: CoreInternals = { ...t.core, settings: { ...t.core.settings, limits }, db: noted };
  return { core, largest };
}

const column = (name: string): Member => ({ key: name, column: name, format: 'text', nullable: true });
const page: Read = {
  key: 'plugins',
  plugins: { input: { first: 40 }, parts: [{ key: 'nodes', nodes: [column('id'), column('message')] }] },
};
const aggregate = [{ project: { fields: [{ k: 'message', n: 'm' }] } }];

/** Answers, by the bytes that a bound is held against. */
const answers: Record<string, (core: CoreInternals) => Promise<unknown>> = {
  'a page that is read as JSON': (core) => readJson(core, domain.viewer, [page]),
  'a nested page that is read as JSON': (core) =>
    readJson(core, domain.viewer, [
      { key: 'a', supervisor: { id: supervisorId, members: [{ key: 'plugins', plugins: page.plugins }] } },
    ]),
  'a list of REST and gRPC': (core) => searchPlugins(core, domain.viewer, {}),
  'statistics of REST and gRPC': (core) => statPlugins(core, domain.viewer, { query: { aggregate } }),
};

describe('W3: an answer of more bytes than the bound is TOO_COMPLEX, and the server never holds it', () => {
  test.each(Object.entries(answers))('%s', async (_, answer) => {
    const tiny = coreWith(1_000);
    const refused = await refusalOf(answer(tiny.core));
    const bytes = Number(refused.details.bytes);
    expect(refused).toMatchObject({
      code: 'TOO_COMPLEX',
      message: `expected an answer of at most 1000 bytes; got ${bytes}: ask for fewer rows or fields at a time`,
      details: { maxBytes: 1_000, bytes },
      subject: domain.viewer.subject,
    });
    expect(bytes).toBeGreaterThan(40_000);
    expect(tiny.largest.bytes).toBeLessThan(1_000);

    // As many bytes as it has are not too many, and one less are too few.
    expect(await answer(coreWith(bytes).core)).toEqual(await answer(t.core));
    expect(await refusalOf(answer(coreWith(bytes - 1).core))).toMatchObject({ code: 'TOO_COMPLEX' });
  });

  test('a text that is read as JSON is counted as the bytes that it is sent as', async () => {
    const bytes = Buffer.byteLength(await readJson(t.core, domain.viewer, [page]));
    expect(await refusalOf(readJson(coreWith(bytes - 1).core, domain.viewer, [page]))).toMatchObject({
      details: { bytes },
    });
  });

  test('what is larger than the database can hold is too large in any case', async () => {
    const past = () => Promise.reject(Object.assign(new Error('out of memory'), { code: '54000' }));
    const core = { ...t.core, db: { ...t.core.db, sql: { query: past } } };
    for (const answer of [readJson(core, domain.viewer, [page]), searchPlugins(core, domain.viewer, {})]) {
      expect(await refusalOf(answer)).toMatchObject({
        code: 'TOO_COMPLEX',
        message: expect.stringContaining('got more'),
      });
    }
  });
});

describe('W3: single rows', () => {
  const row = (members: readonly Member[]): Read => ({ key: 'a', supervisor: { id: supervisorId, members } });
  const statementOf = async (read: Read, answerBytes: number) => {
    const { core } = coreWith(answerBytes);
    const texts: string[] = [];
    const shortSql: Sql = {
      query: (statement, values) => {
        texts.push(typeof statement === 'string' ? statement : statement.text);
        return t.core.db.shortSql.query(statement, values);
      },
    };
    const observed: CoreInternals = { ...core, db: { ...core.db, shortSql } };
    await readJson(observed, domain.viewer, [read]);
    return texts.join();
  };

  test('are not measured where no row can have so many bytes', async () => {
    const members = ['id', 'name', 'hostname'].map(column);
    expect(await statementOf(row(members), t.core.settings.limits.answerBytes)).not.toContain('octet_length');
    expect(await statementOf(row(members), 50_000)).toContain('octet_length');
  });

  test('are measured where their members together could have more, and refused where they do', async () => {
    const members = Array.from({ length: 500 }, (_, i): Member => ({ ...column('name'), key: `name${i}` }));
    expect(await statementOf(row(members), t.core.settings.limits.answerBytes)).toContain('octet_length');
    const refused = readJson(coreWith(1_000).core, domain.viewer, [row(members)]);
    expect(await refusalOf(refused)).toMatchObject({ code: 'TOO_COMPLEX' });
  });
});

describe('W3: the rows that resolvers read have twice the bytes of an answer', () => {
  const pages: Record<string, (core: CoreInternals) => Promise<unknown>> = {
    'a page': (core) => listPlugins(core, domain.viewer, { first: 40 }),
    'pages of several parents': (core) =>
      listPluginsOf(core, { domainId: domain.domainId }, [supervisorId], { first: 40 }),
  };

  test.each(Object.entries(pages))('%s of more bytes never leaves the database', async (_, read) => {
    const tiny = coreWith(1_000);
    const refused = await refusalOf(read(tiny.core));
    const bytes = Number(refused.details.bytes);
    expect(refused).toMatchObject({
      code: 'TOO_COMPLEX',
      message: expect.stringContaining(`rows for one answer of at most 2000 bytes; got ${bytes}`),
    });
    expect(tiny.largest.bytes).toBeLessThan(1_000);
    const enough = Math.ceil(bytes / 2);
    await read(coreWith(enough).core);
    expect(await refusalOf(read(coreWith(enough - 1).core))).toMatchObject({ code: 'TOO_COMPLEX' });
  });

  test('all together, whatever reads them for one operation', async () => {
    const { edges } = await listPlugins(t.core, domain.viewer, { first: 10 });
    const ids = edges.map(({ node }) => node.id);
    const { core } = coreWith(12_000);
    const operation = (timeoutMs: number | null) =>
      Work.start({ lane: 'reads', tenant: '', credential: '', weight: 1, timeoutMs });
    const readAll = async () => {
      await findNodes(core, domain.viewer, ids);
      await listPlugins(core, domain.viewer, { first: 10 });
    };
    const refused = await refusalOf(t.db.runAs(operation(10_000), readAll));
    expect(refused).toMatchObject({ code: 'TOO_COMPLEX', message: expect.stringContaining('at most 24000 bytes') });
    // Neither two operations count together, nor what a stream reads.
    for (let i = 0; i < 2; i++) {
      await t.db.runAs(operation(10_000), () => findNodes(core, domain.viewer, ids));
    }
    await t.db.runAs(operation(null), readAll);
  });
});
