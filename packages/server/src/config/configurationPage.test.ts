import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { configurationPage } from './configurationPage.ts';

test('docs/configuration.md has every variable, its default and its meaning, as the code has them', () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  expect(page).toBe(configurationPage());
});
