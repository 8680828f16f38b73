import { effect } from '@preact/signals';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEntities, type Entity } from './entities.ts';

interface Row extends Entity {
  readonly updatedAt: string;
  readonly state: string;
}

const row = (second: number, state: string): Row => ({
  __typename: 'Supervisor',
  id: 'supervisor-1',
  updatedAt: new Date(second * 1_000).toISOString(),
  state,
});

test('an object that is older than the one that is known changes nothing', () => {
  const entities = createEntities();
  entities.merge(row(2, 'ENABLED'));
  entities.merge(row(1, 'PENDING'));
  expect(entities.get<Row>('supervisor-1')?.value.state).toBe('ENABLED');
});

test('in whatever order versions of an object come, the newest stays', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 1 }), (seconds) => {
      const entities = createEntities();
      for (const second of seconds) entities.merge(row(second, `S${second}`));
      expect(entities.get<Row>('supervisor-1')?.value.state).toBe(`S${Math.max(...seconds)}`);
    }),
  );
});

test('an answer that has fewer fields of an object leaves the others', () => {
  const entities = createEntities();
  entities.merge(row(1, 'ENABLED'));
  entities.mergeAll({ nodes: [null, { deep: { __typename: 'Supervisor', id: 'supervisor-1', name: 'edge' } }] });
  expect(entities.get('supervisor-1')?.value).toEqual({ ...row(1, 'ENABLED'), name: 'edge' });
});

test('K4: a change of one object is seen by those alone that show it', () => {
  const entities = createEntities();
  entities.merge(row(1, 'ENABLED'));
  entities.merge({ __typename: 'Supervisor', id: 'supervisor-2' });
  const seen: string[] = [];
  for (const id of ['supervisor-1', 'supervisor-2']) effect(() => void seen.push(entities.get(id)?.value.id ?? ''));
  entities.merge(row(2, 'DISABLED'));
  expect(seen).toEqual(['supervisor-1', 'supervisor-2', 'supervisor-1']);
});
