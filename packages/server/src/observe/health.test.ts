import type { Database } from '@muster/db';
import { expect, test } from 'vitest';
import { createHealth } from './health.ts';

test('probes that come while the database is asked share its answer, and later ones ask anew', async () => {
  let asked = 0;
  const answer = Promise.withResolvers<string[]>();
  const appliedMigrations = () => {
    asked += 1;
    return asked === 1 ? answer.promise : Promise.reject(new Error('gone'));
  };
  const health = createHealth({ appliedMigrations } as unknown as Database);
  const probes = Array.from({ length: 100 }, () => health.readiness());
  answer.resolve(['one', 'two']);
  for (const readiness of await Promise.all(probes)) expect(readiness).toMatchObject({ ready: true, migration: 'two' });
  expect(asked).toBe(1);
  expect(await health.readiness()).toMatchObject({ ready: false, database: 'unreachable' });
  expect(asked).toBe(2);
});
