import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { citedIn, readCitations, root, rulesIn, unbuiltIn } from './rules.ts';

const read = (page: string) => readFileSync(`${root}/${page}`, 'utf8');
const law = read('docs/domain.md');
const rules = globSync('docs/**/*.md', { cwd: root })
  .sort()
  .flatMap((page) => rulesIn(page, read(page)));
const ids = new Set(rules.map(({ id }) => id));
const unbuilt = unbuiltIn(law);
const isWhole = new Set(unbuilt.filter(({ missing }) => missing === 'whole').map(({ subject }) => subject));
const { tests, sources } = readCitations();

describe('a citation is', () => {
  test.each<[string, string[]]>([
    ['S1', ['S1']],
    ['A restart marks nobody (L5, P3: fresh).', ['L5', 'P3']],
    ["'E2, E3: each once'", ['E2', 'E3']],
    ['P1 to P4 and M7', ['M7', 'P1', 'P2', 'P3', 'P4']],
    ['S13.', ['S13']],
    ['P2002 W02 F0 T00:00 E2E a1 A123 \\u00E9 U+00E9 x.E1 $A1 S3-like A4.5 0A1 V8', []],
  ])('%j: %j', (text, cited) => {
    expect([...citedIn(text)].sort()).toEqual(cited);
  });
});

test('the law is read: every family of rules, and the table of what is not yet built', () => {
  expect([...new Set(rules.map(({ id }) => id[0]))].sort().join('')).toMatch(/A.*B.*C.*D.*E.*L.*M.*P.*R.*S.*W/);
  expect(law.match(/^\| .* \| (whole|part) \|/gm)).toHaveLength(unbuilt.length);
});

test('each rule is defined once', () => {
  const pages = Map.groupBy(rules, ({ id }) => id);
  expect([...pages].filter(([, found]) => found.length > 1)).toEqual([]);
});

test('each rule that code or a test cites stands in docs/', () => {
  const unknown = [...tests, ...sources].filter(([id]) => !ids.has(id));
  expect(unknown).toEqual([]);
});

test('each rule is cited by a test, or listed as not yet built', () => {
  const untested = [...ids].filter((id) => !tests.has(id) && !isWhole.has(id));
  expect(untested).toEqual([]);
});

test('what is listed as not built is cited nowhere: once it is, its row goes, or says which part is missing', () => {
  const built = [...isWhole].filter((id) => tests.has(id) || sources.has(id));
  expect(built.map((id) => [id, tests.get(id), sources.get(id)])).toEqual([]);
});

test('each row of the list names, once, a rule or a section that exists, and what of it is missing', () => {
  const headings = [...law.matchAll(/^## (\w+)/gm)].map(([, heading]) => heading);
  expect(unbuilt.filter(({ subject }) => !ids.has(subject) && !headings.includes(subject))).toEqual([]);
  expect(new Set(unbuilt.map(({ subject }) => subject)).size).toBe(unbuilt.length);
  expect(unbuilt.filter(({ missing, what }) => (missing === 'part') !== (what !== ''))).toEqual([]);
});

test('what is not built carries an asterisk in the law', () => {
  const listed = new Set(unbuilt.map(({ subject }) => subject));
  expect(rules.filter(({ id, isNew }) => listed.has(id) && !isNew)).toEqual([]);
  expect(rules.filter(({ isNew }) => !isNew).length).toBeGreaterThan(10);
});
