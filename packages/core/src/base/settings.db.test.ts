import { openTestDatabase } from '@muster/db/testing';
import { expect, onTestFinished, test } from 'vitest';
import { newDomain, openTestCore, publish } from '../../testing/testCore.ts';
import { openCore } from '../openCore.ts';
import { defaultLimits } from './settings.ts';

const bounded = ['nameLength', 'pluginIdLength', 'endpointLength', 'endpointsPerPlugin'] as const;

test('a limit above what the database allows is refused at the start, by its name, with what is allowed', async () => {
  const db = await openTestDatabase();
  onTestFinished(() => db.close());
  for (const name of bounded) {
    const most = defaultLimits[name];
    for (const came of [most + 1, Number.NaN]) {
      await expect(openCore(db, { settings: { limits: { [name]: came } } })).rejects.toThrow(
        `limits.${name}: expected at most ${most}, which the database allows; got ${came}`,
      );
    }
  }
});

test('what is exactly as long as the limits allow is stored, and lower limits are taken', async () => {
  const t = await openTestCore({ settings: { limits: { pageSize: 5, endpointsPerPlugin: 64 } } });
  onTestFinished(() => t.close());
  const domain = newDomain();
  const long = (length: number) => 'é'.repeat(length);
  const endpoints = Array.from({ length: 64 }, (_, i) => `unix:/${i}`.padEnd(2_048, 'x'));
  const plugin = { pluginId: long(255), version: long(255), state: 'ACTIVE', endpoints } as const;
  const { rejected } = await publish(t, domain, { hostname: long(255), name: long(255), plugins: [plugin] });
  expect(rejected).toEqual([]);
  expect(await t.db.prisma.plugin.count({ where: { pluginId: plugin.pluginId } })).toBe(1);
});
