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
