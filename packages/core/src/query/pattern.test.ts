import { expect, test } from 'vitest';
import { foldCase } from './foldCase.ts';
import { parsePatterns } from './pattern.ts';
import { patternMatches } from './patternMatches.ts';
import { patternSql } from './patternSql.ts';

function matches(source: string, text: string): boolean {
  const pattern = parsePatterns([source]);
  if ('problem' in pattern) throw new Error(pattern.problem);
  return patternMatches(pattern, foldCase(text), foldCase);
}

function problemOf(source: string): string {
  const pattern = parsePatterns([source]);
  return 'problem' in pattern ? pattern.problem : 'none';
}

test.each([
  ['edge', 'my-EDGE-1', true],
  ['^edge', 'my-edge', false],
  ['^edge-\\d+$', 'edge-42', true],
  ['^edge-\\d+$', 'edge-42b', false],
  ['^(a|b)c$', 'BC', true],
  ['^[A-C]{2}$', 'ab', true],
  ['^[^a-c]$', 'B', false],
  ['a{2,3}?b', 'xaab', true],
  ['^.{3}$', '😀ab', true],
  ['\\.', 'a.b', true],
  ['^$', '', true],
  ['a||b', '', true],
  ['\\W', 'abc_1', false],
  ['[\\]\\-]', '-', true],
])('%s on %j is %s', (source, text, expected) => {
  expect(matches(source, text)).toBe(expected);
});

test.each([
  ['(a+)+', 'expected no quantifier on a group that has one inside'],
  ['(a*){2}', 'expected no quantifier on a group that has one inside'],
  ['(a)\\1', 'escaped sign; got \\1'],
  ['(?=a)', 'without look-around'],
  ['(?i)a', 'without look-around, names or flags'],
  ['a**', 'got one after another'],
  ['*a', 'something to repeat before * at 0'],
  ['^*', 'no quantifier on ^ or $'],
  ['(a', 'groups all close'],
  ['a)', 'got one at 1'],
  ['[a', 'expected more of the pattern'],
  ['[]', 'got none'],
  ['[z-a]', 'expected a range within'],
  ['[ä-ö]', 'expected a range within'],
  ['[[:alpha:]]', 'expected \\[ for a ['],
  ['a{101}', 'got {101}'],
  ['a{3,2}', 'got {3,2}'],
  ['a{', 'expected {m}'],
  ['\\', 'expected more of the pattern'],
  ['a'.repeat(257), 'at most 256 characters; got 257'],
  ['(abcdefghijklm){100}', 'at most 1000 characters; got 1300'],
  [`${'('.repeat(21)}a${')'.repeat(21)}`, 'at most 20 deep'],
])('%s is refused, saying why', (source, problem) => {
  expect(problemOf(source)).toContain(problem);
});

test('what several patterns come to together is bounded too', () => {
  expect(parsePatterns(Array.from({ length: 10 }, () => 'a{100}'))).toHaveProperty('root');
  expect(parsePatterns(Array.from({ length: 11 }, () => 'a{100}'))).toHaveProperty('problem');
});

test('PostgreSQL is never handed a sign of the client’s as it came', () => {
  const pattern = parsePatterns([':a\\*[*^]']);
  if ('problem' in pattern) throw new Error(pattern.problem);
  expect(patternSql(pattern)).toBe('(?:[\\:][a][\\*][\\*\\^])');
});

test('a pattern that would make a backtracking reader slow answers at once', () => {
  expect(matches(`${'.*'.repeat(60)}x$`, 'a'.repeat(255))).toBe(false);
});
