import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { testDatabaseKind } from '@muster/db/testing';
import { expect, onTestFinished, test } from 'vitest';
import { markedBlocks, runBlocks } from '../testing/guide.ts';
import { createStorage } from '../testing/index.ts';

const folder = fileURLToPath(new URL('../../../docs', import.meta.url));
const pages = globSync(['first-plugin.md', 'operate/*.md'], { cwd: folder }).sort();
const marked = pages
  .map((page) => ({ page, blocks: markedBlocks(readFileSync(`${folder}/${page}`, 'utf8'), testDatabaseKind()) }))
  .filter(({ blocks }) => blocks.length > 0);

test.each(marked)('the commands of docs/$page work as they stand', async ({ blocks }) => {
  const storage = await createStorage();
  onTestFinished(() => storage.remove());
  const { code, output } = await runBlocks(blocks, storage.env);
  expect(code, output).toBe(0);
});

test('a command that fails, fails its page', async () => {
  expect(await runBlocks(['true\n', 'echo before; false; echo after\n'], {})).toMatchObject({
    code: 1,
    output: expect.stringMatching(/before\n(?![\s\S]*after\n)/),
  });
});

test('blocks are run that are marked, and those that are marked for a database with that one alone', () => {
  const page = '```sh\nrm\n```\n\n```sh test\na\nb\n```\n```sh test postgresql\nc\n```\n```sh test pglite\nd\n```\n';
  expect(markedBlocks(page, 'postgresql')).toEqual(['a\nb\n', 'c\n']);
  expect(markedBlocks(page, 'pglite')).toEqual(['a\nb\n', 'd\n']);
});
