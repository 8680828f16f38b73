import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { serverFacts } from './serverFacts.ts';

test('a server tells of its settings those that are numbers, with what they do, and no address or secret', () => {
  const config = readConfig({ DATABASE_URL: 'postgresql://u:hidden@db.example/m', MUSTER_JWT_SECRET: 's'.repeat(32) });
  const facts = serverFacts(config, 'postgresql');
  expect(facts).toMatchObject({ database: 'postgresql' });
  expect(facts.settings).toContainEqual({
    name: 'MUSTER_MAX_PAGE_SIZE',
    value: config.MUSTER_MAX_PAGE_SIZE,
    description: expect.stringMatching(/\w/),
  });
  expect(JSON.stringify(facts)).not.toMatch(/hidden|ssss|db\.example/);
});
