import type { Event, Plugin, Prisma, Supervisor } from '@muster/db';
import { DrainState, EventKind, PluginState, SupervisorState } from '@muster/db';
import { propertyRuns } from '@muster/db/testing/propertyRuns';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { newDomain, useTestCore } from '../../testing/testCore.ts';
import { newPluginInstanceId, newSupervisorId } from '../base/ids.ts';
import { compileCondition } from './compile.ts';
import type { Condition } from './condition.ts';
import { createParameters } from './context.ts';
import { createPredicate, type RelatedRows } from './evaluate.ts';
import { entities, type Field } from './fields.ts';
import { parsePatterns } from './pattern.ts';

/** Texts that one of two implementations might read otherwise: case, patterns, escapes, characters beyond UTF-16. */
const pieces = [...'aAbZ1äÄßẞİIiıΑΣσς%_\\\'"~ 😀', 'é', 'e\u0301', 'a%', 'a_b', 'ΑΣ', 'null'];
const textOf = fc.array(fc.constantFrom(...pieces), { maxLength: 3 }).map((parts) => parts.join(''));
const nameOf = textOf.filter((text) => text !== '');

const { object: jsonObjectOf } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, 1, -1, 1.5, 1e21, '', 'a', '1'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'ä"\\'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
}));

const times = Array.from({ length: 6 }, (_, i) => new Date(Date.UTC(2026, 0, 1) + i));
const timeOf = fc.constantFrom(...times);
const intOf = fc.constantFrom(-2_147_483_648, -1, 0, 1, 2, 2_147_483_647);
/** Patterns that are all of the dialect. */
const patternOf = fc
  .letrec<{ choice: string; atom: string }>((tie) => ({
    choice: fc
      .array(
        fc.array(
          fc.oneof(
            fc.constantFrom('^', '$'),
            fc
              .tuple(tie('atom'), fc.constantFrom('', '', '*', '+?', '?', '{2}', '{0,2}', '{1,}'))
              .map(([atom, quantifier]) => `${atom}${quantifier}`),
          ),
          { maxLength: 3 },
        ),
        { minLength: 1, maxLength: 2 },
      )
      .map((sequences) => sequences.map((parts) => parts.join('')).join('|')),
    atom: fc.oneof(
      { maxDepth: 2 },
      fc.constantFrom(
        ...'aAbZ1äßσ😀 _%',
        '.',
        '\\\\',
        '\\"',
        '\\d',
        '\\W',
        '\\s',
        '\\.',
        '[a-cZ]',
        '[^A-Z]',
        '[\\w-]',
        '[Äİ%]',
        '[^"😀]',
      ),
      tie('choice').map((choice) => `(${choice})`),
    ),
  }))
  .choice.map((source) => parsePatterns([source]))
  .filter((pattern) => !('problem' in pattern));

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 2 });

const conditionTypes = ['LEASE_EXPIRED', 'DUPLICATE_AGENT', 'UNHEARD_OF'];
const conditionsListOf = fc
  .subarray(conditionTypes.slice(0, 2))
  .map((types) => types.map((type) => ({ type, since: times[0]?.toISOString(), message: 'as it is' })));

const choicesOf: Record<string, readonly string[]> = {
  supervisor_state: Object.values(SupervisorState),
  plugin_state: Object.values(PluginState),
  event_kind: Object.values(EventKind),
  drain_state: Object.values(DrainState),
};

/** Any condition that a filter can make of one field. */
function leafOf(name: string, field: Field): fc.Arbitrary<Condition> {
  const leaf = (
    operators: string[],
    values: fc.Arbitrary<unknown>,
    insensitive: fc.Arbitrary<boolean> = fc.constant(false),
  ) => fc.record({ field: fc.constant(name), operator: fc.constantFrom(...operators), value: values, insensitive });
  const lists = (values: fc.Arbitrary<unknown>) => fc.array(values, { maxLength: 4 });
  const isNull = leaf(['isNull'], fc.boolean());
  const leaves = (): fc.Arbitrary<unknown> => {
    switch (field.type) {
      case 'text': {
        const words = ['eq', 'ne', 'contains', 'startsWith', 'endsWith'];
        return fc.oneof(
          leaf(words, textOf, fc.boolean()),
          leaf(['lt', 'lte', 'gt', 'gte'], textOf),
          leaf(['matches'], patternOf, fc.boolean()),
          leaf(['in', 'notIn'], lists(textOf), fc.boolean()),
          isNull,
        );
      }
      case 'state':
      case 'role':
      case 'kind': {
        const choices = fc.constantFrom(...(choicesOf[field.pgType] ?? []));
        return fc.oneof(
          leaf(['eq', 'ne'], choices),
          leaf(['in', 'notIn'], lists(choices)),
          leaf(['lt', 'lte', 'gt', 'gte'], choices),
          leaf(['contains', 'startsWith', 'endsWith'], fc.constantFrom('E', 'ed', 'PLUGIN_', ''), fc.boolean()),
          leaf(['matches'], patternOf, fc.boolean()),
          isNull,
        );
      }
      case 'boolean':
        return leaf(['eq', 'ne'], fc.boolean());
      case 'int':
        return fc.oneof(leaf(['eq', 'ne', 'lt', 'lte', 'gt', 'gte'], intOf), leaf(['in', 'notIn'], lists(intOf)));
      case 'time':
        return fc.oneof(
          leaf(['eq', 'ne', 'lt', 'lte', 'gt', 'gte'], timeOf),
          leaf(['in', 'notIn'], lists(timeOf)),
          isNull,
        );
      case 'object':
        return fc.oneof(
          leaf(['includes'], jsonObjectOf),
          leaf(['hasKey'], fc.constantFrom('a', 'b', 'ä"\\', 'c')),
          jsonLeavesOf(name, fc.array(fc.constantFrom('a', 'b', 'ä"\\'), { minLength: 1, maxLength: 3 })),
        );
      case 'list':
        return jsonLeavesOf(name, undefined);
      case 'conditions':
        return leaf(
          ['includes'],
          fc.constantFrom(...conditionTypes).map((type) => [{ type }]),
        );
    }
  };
  return leaves() as fc.Arbitrary<Condition>;
}

/** Any condition on what some keys lead to in JSON, or on a list's elements. */
function jsonLeavesOf(name: string, path: fc.Arbitrary<string[]> | undefined): fc.Arbitrary<Condition> {
  const scalars = fc.oneof(textOf, fc.constantFrom(0, 1, -1, 1.5, 1e21, '', 'a', '1'));
  const leaf = (operators: string[], value: fc.Arbitrary<unknown>) =>
    fc.record({
      field: fc.constant(name),
      operator: fc.constantFrom(...operators),
      value,
      insensitive: fc.boolean(),
      ...(path ? { path } : {}),
    });
  return fc.oneof(
    leaf(['eq', 'ne'], fc.oneof(scalars, fc.boolean())),
    leaf(['lt', 'lte', 'gt', 'gte'], scalars),
    leaf(['in', 'notIn'], fc.array(fc.oneof(scalars, fc.boolean()), { maxLength: 4 })),
    leaf(['contains', 'startsWith', 'endsWith'], textOf),
    leaf(['matches'], patternOf),
    leaf(['includes'], jsonObjectOf),
    leaf(['hasKey'], fc.constantFrom('a', 'b', 'c')),
    leaf(['isNull'], fc.boolean()),
  ) as fc.Arbitrary<Condition>;
}

/** Any condition that reaches the rows to which an entity is related, and from there perhaps back. */
function relatedOf(entity: Compared, depth: number): fc.Arbitrary<Condition>[] {
  if (depth === 0 || entity === 'event') return [];
  if (entity === 'plugin') {
    return [conditionsOf('supervisor', depth - 1).map((where): Condition => ({ related: 'supervisor', where }))];
  }
  const quantifiers = fc.constantFrom('some' as const, 'none' as const, 'every' as const);
  return [
    fc
      .tuple(quantifiers, conditionsOf('plugin', depth - 1))
      .map(([quantifier, where]): Condition => ({ related: 'plugins', quantifier, where })),
  ];
}

function conditionsOf(entity: Compared, depth = 2): fc.Arbitrary<Condition> {
  const leaves = [
    ...Object.entries(entities[entity].fields).map(([name, field]) => leafOf(name, field)),
    ...relatedOf(entity, depth).flatMap((related) => [related, related, related]),
  ];
  return fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.oneof(...leaves),
      fc.array(tie('condition'), { maxLength: 3 }).map((all): Condition => ({ all })),
      fc.array(tie('condition'), { maxLength: 3 }).map((any): Condition => ({ any })),
      tie('condition').map((not): Condition => ({ not })),
    ),
  })).condition;
}

/** The entities that clients can filter. */
type Compared = 'supervisor' | 'plugin' | 'event';

const t = useTestCore();
const rows: Record<Compared, object[]> = { supervisor: [], plugin: [], event: [] };

beforeAll(async () => {
  const { domainId } = newDomain();
  const sample = <T>(values: fc.Arbitrary<T>) => fc.sample(values, 60);

  const supervisors = sample(
    fc.record({
      id: fc.constant('').map(newSupervisorId),
      name: nameOf,
      state: fc.constantFrom(...Object.values(SupervisorState)),
      isPublic: fc.boolean(),
      priority: intOf,
      labels: jsonObjectOf.map(asInput),
      tags: jsonObjectOf.map(asInput),
      cordoned: fc.boolean(),
      conditions: conditionsListOf,
      drainState: nullable(fc.constantFrom(...Object.values(DrainState))),
      registeredAt: nullable(timeOf),
      createdAt: timeOf,
      updatedAt: timeOf,
      actor: nullable(textOf),
      reason: nullable(textOf),
    }),
  ).map((row, i) => ({ ...row, domainId, hostname: `${row.name}-${i}`, ...registered(row), ...drained(row) }));
  const plugins = sample(
    fc.record({
      version: nameOf,
      state: fc.constantFrom(...Object.values(PluginState)),
      managed: fc.boolean(),
      wanted: fc.boolean(),
      attempt: fc.constantFrom(1, 2, 3),
      endpoint: nullable(textOf),
      endpoints: fc.array(nameOf, { maxLength: 3 }),
      generation: fc.constantFrom(1, 2, 2_147_483_647),
      reason: nullable(textOf),
      message: nullable(textOf),
      actor: nullable(textOf),
      stateChangedAt: timeOf,
      createdAt: timeOf,
      updatedAt: timeOf,
    }),
  ).map((row, i) => ({
    ...row,
    id: newPluginInstanceId(),
    domainId,
    supervisorId: supervisors[i % 7]?.id ?? '',
    pluginId: `${row.version}-${i}`,
    observedGeneration: row.generation - (i % 2),
    deadlineAt: row.state === 'ACTIVE' || row.state === 'ERROR' ? null : new Date(),
  }));
  await t.db.prisma.supervisor.createMany({ data: supervisors });
  // Some were never heard of, and some have no lease at all.
  const leased = supervisors.filter((_, i) => i % 4 !== 0);
  const leases = leased.map(({ id }, i) => ({
    supervisorId: id,
    lastSeenAt: times[i % 9] ?? null,
    expiresAt: new Date(),
  }));
  await t.db.prisma.lease.createMany({ data: leases });
  await t.db.prisma.plugin.createMany({ data: plugins });
  const stored = await t.db.prisma.supervisor.findMany({ include: { lease: true } });
  rows.supervisor = stored.map(({ lease, ...row }) => ({ ...row, lastSeenAt: lease?.lastSeenAt ?? null }));
  rows.plugin = (await t.db.prisma.plugin.findMany()) satisfies Plugin[];
  rows.event = (await t.db.prisma.event.findMany()).map((event: Event) => ({ ...event, seq: Number(event.seq) }));
});

/** Prisma's type of JSON knows no null within an object, though it stores one. */
const asInput = (json: object) => json as Prisma.InputJsonObject;

/** Makes a supervisor's registration satisfy the table's constraints. */
function registered(row: { state: string; registeredAt: Date | null }) {
  if (row.state === 'PENDING') return { registeredAt: null };
  return row.state === 'DISCONNECTED' ? {} : { registeredAt: row.registeredAt ?? times[0] ?? null };
}

/** Makes a supervisor's drain satisfy the table's constraints. */
function drained(row: { drainState: DrainState | null; cordoned: boolean }) {
  const { drainState } = row;
  if (drainState === null) return {};
  const at = new Date();
  if (drainState === 'QUEUED') return { cordoned: true, drainGroup: 'a', drainMaxParallel: 1, drainSeconds: 1 };
  const drainEndedAt = drainState === 'DRAINING' ? null : at;
  return { cordoned: true, drainStartedAt: at, drainDeadlineAt: at, drainEndedAt };
}

async function databaseAnswer(entity: Compared, condition: Condition): Promise<unknown[]> {
  const parameters = createParameters();
  const context = { parameters, scope: { domainId: null } };
  const { table, tieBreaker } = entities[entity];
  const found = await t.db.sql.query<{ key: unknown }>(
    `SELECT t."${tieBreaker}" AS key FROM ${table} t WHERE ${compileCondition(context, entity, condition, 't')} ORDER BY 1`,
    parameters.values,
  );
  return found.map(({ key }) => key);
}

/** A row's supervisor and that one's plugins; the row itself is one of them. */
function relatedRowsOf(entity: Compared, row: object): RelatedRows {
  const id = Reflect.get(row, entity === 'supervisor' ? 'id' : 'supervisorId');
  const supervisor = rows.supervisor.find((other) => Reflect.get(other, 'id') === id) ?? null;
  const plugins = rows.plugin.filter((plugin) => Reflect.get(plugin, 'supervisorId') === id);
  return { supervisor: supervisor as Record<string, unknown> | null, plugins: plugins as Record<string, unknown>[] };
}

function memoryAnswer(entity: Compared, condition: Condition): unknown[] {
  const predicate = createPredicate(condition);
  const keys = rows[entity]
    .filter((row) => predicate.meets(row, relatedRowsOf(entity, row)))
    .map((row) => Reflect.get(row, entities[entity].tieBreaker));
  return keys.sort((a, b) => (a < b ? -1 : 1));
}

describe('a subscription’s filter, answered in memory, means what the same filter means to the database', () => {
  test.each(['supervisor', 'plugin', 'event'] as const)('for any condition on a %s', async (entity) => {
    expect(rows[entity].length).toBeGreaterThanOrEqual(60);
    await fc.assert(
      fc.asyncProperty(conditionsOf(entity), async (condition) => {
        expect(memoryAnswer(entity, condition)).toEqual(await databaseAnswer(entity, condition));
      }),
      { numRuns: propertyRuns(250) },
    );
  });

  test('for each row’s own labels, and any part of them', async () => {
    for (const row of rows.supervisor as Supervisor[]) {
      const parts = Object.entries(row.labels as object).map(([key, value]) => ({ [key]: value }));
      for (const value of [row.labels, ...parts]) {
        const condition: Condition = { field: 'labels', operator: 'includes', value };
        const answer = await databaseAnswer('supervisor', condition);
        expect(answer).toContain(row.id);
        expect(memoryAnswer('supervisor', condition)).toEqual(answer);
      }
    }
  });

  test('for every letter whose case these databases know, compared without regard to case', async () => {
    for (const letter of pieces) {
      const condition: Condition = { field: 'name', operator: 'contains', value: letter, insensitive: true };
      expect(memoryAnswer('supervisor', condition), letter).toEqual(await databaseAnswer('supervisor', condition));
    }
  });
});

test('a condition on related rows is never answered without them', () => {
  expect(() => createPredicate({ related: 'supervisor', where: { all: [] } }).meets({})).toThrow('needs these');
});
