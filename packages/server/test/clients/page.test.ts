import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { examplesOf, pages, withExamples } from './page.ts';

const texts = pages.map((page) => readFileSync(page, 'utf8'));
const examples = fileURLToPath(new URL('examples', import.meta.url));

test('the examples that the pages show are the files that the tests run', () => {
  expect(texts.map(withExamples), 'print them: npx -y pnpm@12 --filter @muster/clients run print').toEqual(texts);
});

test('every example stands on a page, once', () => {
  const files = globSync('*/*.*', { cwd: examples, exclude: ['generated'] });
  const shown = texts.flatMap(examplesOf).sort();
  expect(shown).toEqual([...globSync('*.ts', { cwd: examples }), ...files].sort());
});

test('every block of code in docs/clients.md is an example that a test runs', () => {
  const [text = ''] = texts;
  const begins = [...text.matchAll(/^```(.+)$/gm)].map(([, begin]) => begin);
  expect(begins.filter((begin) => !/^\w+ \S+$/.test(begin ?? ''))).toEqual([]);
});

test('docs/clients.md says of every error code what a program does, once', () => {
  const codes = (page: string) =>
    [...page.matchAll(/^\| (`[A-Z_`, ]+`) \|/gm)].flatMap(([, row = '']) => row.split(', '));
  const errors = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  expect(codes(texts[0] ?? '').sort()).toEqual(codes(errors).sort());
});
