import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { markedBlocks, runBlocks } from '../testing/guide.ts';
import { createStorage } from '../testing/index.ts';

const folder = fileURLToPath(new URL('../../../docs/operate', import.meta.url));
const pages = globSync('*.md', { cwd: folder }).sort();
const marked = pages
  .map((page) => ({ page, blocks: markedBlocks(readFileSync(`${folder}/${page}`, 'utf8')) }))
  .filter(({ blocks }) => blocks.length > 0);

test.each(marked)('the commands of docs/operate/$page work as they stand', async ({ blocks }) => {
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
  expect(markedBlocks('```sh\nrm\n```\n\n```sh test\necho a\necho b\n```\n')).toEqual(['echo a\necho b\n']);
});
