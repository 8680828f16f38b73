import { type Database, openDatabase } from '@muster/db';
import { createPostgresDatabase, openTestDatabase, testDatabaseKind } from '@muster/db/testing';
import { propertyRuns } from '@muster/db/testing/propertyRuns';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newDomain, openReplica, publish, type TestCore } from '../../testing/testCore.ts';
import { listSupervisors } from '../supervisor/read.ts';
import { createPredicate } from './evaluate.ts';
import type { SupervisorFilter } from './filter.ts';
import { foldCase } from './foldCase.ts';
import { parseFilter } from './parseFilter.ts';
import { parseKeyword } from './parseKeyword.ts';

/** A database of a locale: what CREATE DATABASE says of it; null for the tests' own, of whichever kind. */
const locales: Record<string, string | null> = { 'as it comes': null };
if (testDatabaseKind() === 'postgresql') {
  const icu = (locale: string) => `LOCALE_PROVIDER icu ICU_LOCALE '${locale}' LOCALE 'C'`;
  Object.assign(locales, {
    C: `LOCALE 'C'`,
    'ICU, root': icu('und'),
    'ICU, Turkish': icu('tr-TR'),
    'ICU, Lithuanian': icu('lt-LT'),
    'ICU, without regard to case': icu('und-u-ks-level2'),
  });
}

async function openIn(locale: string | null): Promise<Database> {
  if (locale === null) return openTestDatabase();
  const { url, drop } = await createPostgresDatabase('template0', `ENCODING 'UTF8' ${locale}`);
  const db = await openDatabase({ url, sweepConnections: 5 });
  return {
    ...db,
    close: async () => {
      await db.close();
      await drop();
    },
  };
}

/** Letters that got their case by Unicode 14 and later, which not every PostgreSQL and not every Node knows. */
const recent: readonly [first: number, last: number][] = [
  [0x1c89, 0x1c8a],
  [0x2c2f, 0x2c2f],
  [0xa7c0, 0xa7c1],
  [0xa7cb, 0xa7dd],
  [0x10570, 0x105bc],
  [0x10d50, 0x10d85],
  [0x16ea0, 0x16ed3],
];
const isRecent = (letter: string) =>
  recent.some(([first, last]) => (letter.codePointAt(0) ?? 0) >= first && (letter.codePointAt(0) ?? 0) <= last);

/** All letters that are folded lie below. */
const letters = Array.from({ length: 0x1ffff }, (_, i) => i + 1)
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));
const cased = letters.filter((letter) => letter.toLowerCase() !== letter.toUpperCase() && !isRecent(letter));
const wordOf = fc
  .array(fc.oneof(fc.constantFrom(...cased), fc.constantFrom(...'iIİıΣσςſKßẞ\u0307\u0130 -.1')), { maxLength: 8 })
  .map((parts) => parts.join(''));

const names = ['ISPARTA', 'ısparta', 'İstanbul', 'istanbul', 'ΟΔΥΣΣΕΥΣ', 'Οδυσσευς', 'STRASSE', 'Straße', 'ÅRHUS'];

const filters: Record<string, SupervisorFilter> = {
  'eq of a dotless i': { name: { eq: 'isparta', insensitive: true } },
  'ne of a dotted I': { name: { ne: 'ISTANBUL', insensitive: true } },
  'in, of a sigma at the end': { name: { in: ['οδυσσευσ', 'straße'], insensitive: true } },
  'notIn, of a sigma': { name: { notIn: ['ΟΔΥΣΣΕΥς'], insensitive: true } },
  'contains of a capital I': { name: { contains: 'I', insensitive: true } },
  'startsWith of a ring': { name: { startsWith: 'år', insensitive: true } },
  'endsWith of a sigma': { name: { endsWith: 'Σ', insensitive: true } },
};

describe.each(Object.entries(locales))('in a database %s, case means what it means in memory', (_title, locale) => {
  let db: Database;
  let t: Pick<TestCore, 'core'> & { close(): Promise<void> };
  const domain = newDomain();
  beforeAll(async () => {
    db = await openIn(locale);
    t = await openReplica(db);
    for (const [i, name] of names.entries()) {
      await publish(t as TestCore, domain, { hostname: `h${i}`, name, labels: { title: name } });
    }
  });
  afterAll(async () => {
    await t.close();
    await db.close();
  });

  const foldInSql = async (texts: readonly string[]) => {
    const rows = await db.sql.query<{ folded: string }>(
      'SELECT fold_case(v) AS folded FROM unnest($1::text[]) WITH ORDINALITY AS u(v, place) ORDER BY place',
      [texts],
    );
    return rows.map(({ folded }) => folded);
  };

  test('of every letter', async () => {
    // Behind another letter: PGlite drops a byte order mark at the beginning of a text.
    const folded = await foldInSql(letters.map((letter) => `a${letter}`));
    const different = letters.filter((letter, i) => folded[i] !== foldCase(`a${letter}`) && !isRecent(letter));
    expect(different).toEqual([]);
  });

  test('of every word, letter by letter', async () => {
    const words = fc.sample(wordOf, propertyRuns(5_000));
    expect(await foldInSql(words)).toEqual(words.map(foldCase));
    for (const word of words) {
      expect([...word].map(foldCase).join('')).toBe(foldCase(word));
      expect(foldCase(foldCase(word))).toBe(foldCase(word));
    }
  });

  const namesInMemory = (condition: ReturnType<typeof parseKeyword>) =>
    names.filter((name, i) => createPredicate(condition).meets({ id: '', name, hostname: `h${i}` })).sort();

  test.each(Object.entries(filters))('of a filter: %s', async (_name, filter) => {
    const { edges } = await listSupervisors(t.core, domain.viewer, { filter });
    const found = namesInMemory(parseFilter('supervisor', filter, t.core.settings.limits));
    expect(edges.map(({ node }) => node.name).sort()).toEqual(found);
    expect(found).not.toEqual([]);
  });

  test.each(['ISTANBUL', 'İSPARTA', 'ısparta', 'δυσσευσ', 'ΕΥΣ', 'åRHUS', 'STRAßE'])(
    'of the keyword %s',
    async (keyword) => {
      const { edges } = await listSupervisors(t.core, domain.viewer, { keyword });
      const found = namesInMemory(parseKeyword('supervisor', keyword));
      expect(edges.map(({ node }) => node.name).sort()).toEqual(found);
      expect(found).not.toEqual([]);
    },
  );
});
