import type { Plugin, Prisma, Supervisor } from '@muster/db';
import { PluginState, SupervisorState } from '@muster/db';
import fc from 'fast-check';
import { newPluginInstanceId, newSupervisorId } from '../src/base/ids.ts';
import type { ModelEntity, ModelRow } from './queryModel.ts';
import { newDomain, type TestCore, type TestDomain } from './testCore.ts';

/** Words that lie close together, so that conditions on them often hold. */
export const queryWords = ['alpha', 'Beta', 'gamma-1', 'gamma-2', 'a%b', 'x_y', '10', '9', 'É'] as const;
const wordOf = fc.constantFrom(...queryWords);
const jsonOf = fc.oneof(
  wordOf,
  fc.constantFrom<unknown>(0, 1, 2, 1.5, -3, 10, true, false, null),
  fc.array(fc.oneof(wordOf, fc.constantFrom<unknown>(1, 2, null)), { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(wordOf, fc.constantFrom<unknown>(1, 2)), { noNullPrototype: true }),
);
const objectOf = fc.dictionary(fc.constantFrom('a', 'b', 'c'), jsonOf, { maxKeys: 3, noNullPrototype: true });
const timeOf = fc
  .constantFrom(0, 1, 40, 24 * 60, 40 * 24 * 60, 400 * 24 * 60)
  .map((minutes) => new Date(Date.UTC(2026, 0, 5, 3) + minutes * 60_000 + 7));

export const modelEntities: Record<'supervisor' | 'plugin', ModelEntity> = {
  supervisor: {
    tieBreaker: 'supervisor_id',
    keywordKeys: ['supervisor_id', 'name', 'hostname'],
    order: 'name',
    times: ['created_at', 'updated_at', 'registered_at'],
    shown: [
      ...['supervisor_id', 'name', 'hostname', 'state', 'is_public', 'labels', 'tags', 'domain_id'],
      ...['created_at', 'updated_at', 'priority'],
    ],
    minimal: ['supervisor_id', 'name', 'state', 'is_public', 'labels'],
  },
  plugin: {
    tieBreaker: 'id',
    keywordKeys: ['supervisor_id', 'hostname', 'plugin_id'],
    order: 'plugin_id',
    times: ['created_at', 'updated_at', 'state_changed_at'],
    shown: [
      ...['plugin_id', 'version', 'state', 'endpoint', 'endpoints', 'managed', 'domain_id', 'supervisor_id'],
      ...['supervisor_name', 'generation', 'observed_generation', 'reason', 'message'],
    ],
    minimal: ['plugin_id', 'version', 'state', 'endpoint', 'endpoints'],
  },
};

/** A domain with `count` supervisors and as many plugins of all kinds, and the same rows as the wire shows them. */
export async function insertQueryRows(
  test: TestCore,
  count: number,
  seed: number,
): Promise<{ domain: TestDomain; rows: Record<'supervisor' | 'plugin', ModelRow[]> }> {
  const domain = newDomain();
  const { domainId } = domain;
  const common = { createdAt: timeOf, updatedAt: timeOf };
  const supervisors = fc
    .sample(
      fc.record({
        name: wordOf,
        state: fc.constantFrom(...Object.values(SupervisorState)),
        isPublic: fc.boolean(),
        priority: fc.integer({ min: -2, max: 3 }),
        labels: objectOf.map((json) => json as Prisma.InputJsonObject),
        tags: objectOf.map((json) => json as Prisma.InputJsonObject),
        registeredAt: timeOf,
        ...common,
      }),
      { numRuns: count, seed },
    )
    .map((row, i) => ({
      ...row,
      id: newSupervisorId(),
      domainId,
      hostname: `${row.name}-${i}`,
      registeredAt: row.state === 'PENDING' ? null : row.registeredAt,
    }));
  const plugins = fc
    .sample(
      fc.record({
        pluginId: wordOf,
        version: fc.constantFrom('1.0', '1.1', '2.0'),
        state: fc.constantFrom(...Object.values(PluginState)),
        managed: fc.boolean(),
        endpoint: fc.option(wordOf),
        endpoints: fc.array(wordOf, { maxLength: 3 }),
        generation: fc.integer({ min: 1, max: 3 }),
        stateChangedAt: timeOf,
        ...common,
      }),
      { numRuns: count, seed },
    )
    .map((row, i) => ({
      ...row,
      id: newPluginInstanceId(),
      domainId,
      supervisorId: supervisors[i % Math.min(count, 7)]?.id ?? '',
      pluginId: `${row.pluginId}-${i % 11}`,
      version: `${row.version}.${i}`,
      deadlineAt: row.state === 'ACTIVE' || row.state === 'ERROR' ? null : new Date(),
    }));
  await test.db.prisma.supervisor.createMany({ data: supervisors });
  await test.db.prisma.plugin.createMany({ data: plugins });
  return {
    domain,
    rows: {
      supervisor: (await test.db.prisma.supervisor.findMany({ where: { domainId } })).map(wireSupervisor),
      plugin: (await test.db.prisma.plugin.findMany({ where: { domainId }, include: { supervisor: true } })).map(
        wirePlugin,
      ),
    },
  };
}

function wireSupervisor(row: Supervisor): ModelRow {
  return {
    supervisor_id: row.id,
    name: row.name,
    hostname: row.hostname,
    state: row.state,
    is_public: row.isPublic,
    priority: row.priority,
    labels: row.labels,
    tags: row.tags,
    domain_id: row.domainId,
    registered_at: row.registeredAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

function wirePlugin(row: Plugin & { supervisor: Supervisor }): ModelRow {
  return {
    id: row.id,
    plugin_id: row.pluginId,
    version: row.version,
    state: row.state,
    endpoint: row.endpoint,
    endpoints: row.endpoints,
    managed: row.managed,
    domain_id: row.domainId,
    supervisor_id: row.supervisorId,
    supervisor_name: row.supervisor.name,
    hostname: row.supervisor.hostname,
    labels: row.supervisor.labels,
    generation: row.generation,
    observed_generation: row.observedGeneration,
    reason: row.reason,
    message: row.message,
    state_changed_at: row.stateChangedAt.toISOString(),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

const isoOf = timeOf.map((time) => time.toISOString());
const patternOf = fc.constantFrom('^a', 'a$', 'gamma-[12]', '^(alpha|beta)', '\\d+', 'm{2}', 'x.y', '[^a-z]$');
const scalarOf = fc.oneof(wordOf, fc.constantFrom<unknown>(0, 1, 2, 1.5, 10));
const numberOf = fc.integer({ min: -2, max: 3 });

function withValue(keys: readonly string[], operators: readonly string[], value: fc.Arbitrary<unknown>) {
  return fc.record({ k: fc.constantFrom(...keys), o: fc.constantFrom(...operators), v: value });
}

/** Any condition that fits the fields of an entity. */
export function queryConditionOf(entity: 'supervisor' | 'plugin'): fc.Arbitrary<{ k: string; o: string; v: unknown }> {
  const { times } = modelEntities[entity];
  const ofEntity =
    entity === 'supervisor'
      ? { text: ['name', 'hostname'], numbers: ['priority'], flag: 'is_public', json: ['labels', 'tags'] }
      : {
          text: ['plugin_id', 'version', 'endpoint', 'endpoints', 'hostname', 'supervisor_name', 'reason'],
          numbers: ['generation'],
          flag: 'managed',
          json: ['labels'],
        };
  const states = fc.constantFrom(...Object.values(entity === 'supervisor' ? SupervisorState : PluginState));
  const inner = ofEntity.json.flatMap((name) => [`${name}.a`, `${name}.b`, `${name}.c`, `${name}.a.b`]);
  const textual = [...ofEntity.text, ...inner, 'state'];
  const comparisons = ['lt', 'lte', 'gt', 'gte'];
  const many = (value: fc.Arbitrary<unknown>) => fc.array(value, { maxLength: 3 });
  return fc.oneof(
    withValue(ofEntity.text, ['eq', 'not', ...comparisons], wordOf),
    withValue(ofEntity.text, ['in', 'not_in'], many(fc.option(wordOf, { freq: 4 }))),
    withValue(inner, ['eq', 'not'], fc.oneof(scalarOf, fc.boolean(), fc.constant(null))),
    withValue(inner, comparisons, scalarOf),
    withValue(inner, ['in', 'not_in'], many(fc.oneof(scalarOf, fc.boolean(), fc.constant(null)))),
    withValue(['state'], ['eq', 'not', ...comparisons], states),
    withValue(['state'], ['in', 'not_in'], many(states)),
    withValue(ofEntity.numbers, ['eq', 'not', ...comparisons], numberOf),
    withValue(ofEntity.numbers, ['in', 'not_in'], many(numberOf)),
    withValue([ofEntity.flag], ['eq', 'not'], fc.boolean()),
    withValue([...textual, ...times, ...ofEntity.json], ['exists'], fc.boolean()),
    withValue(textual, ['contain', 'not_contain'], wordOf),
    withValue(textual, ['contain_in', 'not_contain_in'], many(wordOf)),
    withValue(textual, ['regex'], patternOf),
    withValue(textual, ['regex_in'], many(patternOf)),
    withValue([...ofEntity.json, ...inner], ['match'], objectOf),
    withValue(times, ['eq', 'not', ...comparisons, ...comparisons.map((one) => `datetime_${one}`)], isoOf),
    withValue(
      times,
      comparisons.map((one) => `timediff_${one}`),
      fc.constantFrom('now', 'now/d', 'now/w', 'now/m', 'now-1d', 'now/w+30h', 'now/m-2w', 'now-40m', 'now+5s'),
    ),
  );
}

/** Keys that an entity's rows can be ordered, grouped and shown by. */
export const queryKeys = {
  supervisor: ['name', 'state', 'priority', 'is_public', 'labels.a', 'tags.b', 'registered_at', 'created_at', 'labels'],
  plugin: [
    'plugin_id',
    'state',
    'generation',
    'managed',
    'labels.a',
    'endpoint',
    'endpoints',
    'hostname',
    'created_at',
  ],
} as const;
