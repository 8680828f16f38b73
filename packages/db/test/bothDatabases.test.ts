import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { onBothDatabases } from '../testing/bothDatabases.ts';

const cwd = join(import.meta.dirname, '../../..');

test.each(onBothDatabases)('$files, which run on both databases, are there', ({ files }) => {
  expect(globSync(files, { cwd })).not.toEqual([]);
});

test('what is tested on PGlite alone is among them, or it would run in CI only', () => {
  const listed = onBothDatabases.flatMap(({ files }) => globSync(files, { cwd }));
  const forPGlite = globSync('packages/*/{src,test}/**/*.db.test.ts', { cwd }).filter((file) =>
    readFileSync(join(cwd, file), 'utf8').includes("testDatabaseKind() === 'pglite')"),
  );
  expect(forPGlite.filter((file) => !listed.includes(file))).toEqual([]);
});
