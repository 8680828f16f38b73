import { expect, test } from 'vitest';
import { useTestCore } from '../../testing/testCore.ts';
import { columnOf } from '../base/rows.ts';
import { pluginOrderFields } from '../plugin/read.ts';
import { supervisorOrderFields } from '../supervisor/read.ts';
import { type Entity, entities, type Field } from './fields.ts';

const t = useTestCore();

interface Column {
  name: string;
  type: string;
  nullable: boolean;
}

async function columnsOf(table: string): Promise<Map<string, Column>> {
  const columns = await t.db.sql.query<Column>(
    `SELECT column_name AS name, is_nullable = 'YES' AS nullable,
       CASE data_type WHEN 'USER-DEFINED' THEN udt_name ELSE data_type END AS type
     FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1`,
    [table],
  );
  return new Map(columns.map((column) => [column.name, column]));
}

const fullNames: Record<string, string> = {
  int: 'integer',
  timestamptz: 'timestamp with time zone',
  'text[]': 'ARRAY',
};

test.each(Object.keys(entities) as Entity[])(
  'each field of %s is a column of the type that it says',
  async (entity) => {
    const { table, fields } = entities[entity];
    const own = await columnsOf(table);
    const ofLease = await columnsOf('leases');
    // A step has the domain of its rollout.
    const ofRollout = entity === 'rolloutStep' ? await columnsOf('rollouts') : own;
    for (const [name, field] of Object.entries<Field>(fields)) {
      const columns = field.ofLease ? ofLease : own;
      const column = columns.get(field.column) ?? ofRollout.get(field.column);
      expect(column?.type, name).toBe(fullNames[field.pgType] ?? field.pgType);
    }
  },
);

test('what lists are ordered by always has a value, as cursors need', async () => {
  const orders = [
    ['supervisors', Object.values(supervisorOrderFields)],
    ['plugins', Object.values(pluginOrderFields)],
  ] as const;
  for (const [table, fields] of orders) {
    const columns = await columnsOf(table);
    for (const field of fields) expect(columns.get(columnOf(field))?.nullable, `${table}.${field}`).toBe(false);
  }
});

test('text that is compared and ordered byte by byte is declared so', async () => {
  const inDefault = await t.db.sql.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
     WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
       AND table_name IN ('supervisors', 'plugins', 'events') ORDER BY 1`,
  );
  // None of these is ordered by.
  expect(inDefault.map(({ name }) => name)).toEqual([
    'events.actor',
    'events.from',
    'events.reason',
    'events.to',
    'plugins.actor',
    'plugins.message',
    'plugins.reason',
    'supervisors.actor',
    'supervisors.reason',
  ]);
});
