import type { Sql } from '@muster/db';
import { expect, test } from 'vitest';
import { newDomain, publish, useTestCore } from '../../testing/testCore.ts';
import { readJson } from './read.ts';
import type { Member } from './readParts.ts';

const t = useTestCore();

const id: Member = { key: 'id', column: 'id', format: 'text', nullable: false };
const page: Member = { key: 'plugins', plugins: { input: {}, parts: [{ key: 'nodes', nodes: [id] }] } };

test.each([
  ['its columns', [id], ['short']],
  ['its supervisor', [id, { key: 'on', supervisor: [id] }], ['short']],
  ['a page of what its supervisor has', [{ key: 'on', supervisor: [id, page] }], ['ordinary']],
] satisfies [string, Member[], string[]][])(
  'a plugin with %s is read where it holds up nobody: on a connection for short statements only if it is one',
  async (_, members, expected) => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'h', plugins: [{ pluginId: 'p', version: '1', state: 'ACTIVE' }] });
    const plugin = await t.db.prisma.plugin.findFirstOrThrow({ where: { domainId: domain.domainId } });
    const used: string[] = [];
    const noting = (name: string): Sql => ({
      query: (statement, values) => {
        used.push(name);
        return t.core.db.sql.query(statement, values);
      },
    });
    const core = { ...t.core, db: { ...t.core.db, sql: noting('ordinary'), shortSql: noting('short') } };
    const text = await readJson(core, domain.viewer, [{ key: 'a', plugin: { id: plugin.id, members } }]);
    expect(JSON.parse(text).a).toBeTruthy();
    expect(used).toEqual(expected);
  },
);
