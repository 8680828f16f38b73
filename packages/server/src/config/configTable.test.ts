import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configTable } from './configTable.ts';

test("the README's table tells every variable, its default and what it does, as the code has them", () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8').split('\n');
  expect(readme.filter((line) => line.startsWith('| `'))).toEqual(configTable());
});
