import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './rules.ts';

function foldersOf(path: string): string[] {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
    .map(({ name }) => name);
}

test.each(foldersOf('packages'))('the README of packages/%s says what each of its folders holds', (name) => {
  const readme = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');
  const folders = foldersOf(`packages/${name}`).filter((folder) => folder !== 'src');
  const rooms = foldersOf(`packages/${name}/src`).map((room) => `src/${room}`);
  expect([...folders, ...rooms].filter((folder) => !readme.includes(`\`${folder}/`))).toEqual([]);
});

test('each word of the glossary names what stands in the file that it leads to', () => {
  const folder = join(root, 'packages/core');
  const glossary = readFileSync(join(folder, 'README.md'), 'utf8').split('## Glossary')[1] ?? '';
  const rows = [...glossary.matchAll(/^\| \*\*.* \| \[(\w+)\]\((\S+)\) \|$/gm)];
  expect(rows).toHaveLength(glossary.match(/^\| \*\*/gm)?.length ?? 0);
  const missing = rows.filter(
    ([, name = '', path = '']) =>
      !new RegExp(`(function|interface|class|type|model) ${name}\\b`).test(readFileSync(join(folder, path), 'utf8')),
  );
  expect(missing.map(([, name, path]) => `${name} in ${path}`)).toEqual([]);
});
