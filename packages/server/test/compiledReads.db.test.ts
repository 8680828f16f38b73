import type { Viewer } from '@muster/core';
import { newDomain, useTestCore } from '@muster/core/testing';
import type { Prisma } from '@muster/db';
import { propertyRuns } from '@muster/db/testing/propertyRuns';
import { buildSchema } from '@muster/schema';
import fc from 'fast-check';
import type { ExecutionResult } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { toClientError } from '../src/errors/clientError.ts';
import { resultOf } from '../src/graphql/answer.ts';
import type { Answer, Pipeline } from '../src/graphql/operation.ts';
import { createPipeline } from '../src/graphql/pipeline.ts';
import { createTestAdmission, patientCaller } from '../testing/admission.ts';
import { type RandomReadOptions, randomReads } from '../testing/randomRead.ts';

const own = newDomain();
const other = newDomain();
const viewers: readonly Viewer[] = [
  own.viewer,
  own.operator,
  own.agent,
  other.viewer,
  own.admin,
  { ...own.admin, domainId: own.domainId },
];
const schema = buildSchema();
const t = useTestCore();
let pipelines: Record<'compiled' | 'ordinary', Pipeline>;
let values: RandomReadOptions['values'];

beforeAll(async () => {
  const pipeline = (compiledReads: boolean) =>
    createPipeline({
      schema,
      core: t.core,
      guards: [],
      admission: createTestAdmission(t.db),
      introspection: true,
      maxPageSize: 100,
      maxErrors: 10,
      mask: (error) => toClientError(error, () => {}),
      compiledReads,
    });
  pipelines = { compiled: pipeline(true), ordinary: pipeline(false) };
  values = await insertRows();
  // `viewer { cursor }` stays the same from now on.
  await t.core.hub.tail.catchUp();
});

const supervisorId = (number: number) => `supervisor-${String(number).padStart(12, '0')}`;
const instanceId = (number: number) => `instance-${String(number).padStart(16, '0')}`;

const names = ['alpha', 'be"ta', 'ga\\mma\n', 'dé\u0001lta', '\u{1F642}</script>', "o'brien", 'x'.repeat(200), 'alpha'];
const moment = (day: number, ms: number) => new Date(Date.UTC(2026, 0, 1 + day, 0, 0, 0, ms));

function supervisorRow(i: number): Prisma.SupervisorCreateInput {
  const isOdd = i % 2 === 1;
  const state = (['PENDING', 'ENABLED', 'DISABLED', 'DISCONNECTED'] as const)[i % 4] ?? 'PENDING';
  return {
    id: supervisorId(i),
    domainId: i % 3 === 2 ? other.domainId : own.domainId,
    name: names[i] ?? '',
    hostname: `host-${i}`,
    state,
    isPublic: !isOdd,
    priority: i % 3,
    labels: isOdd ? { env: 'prod', 'a"b': [1, 2.5, null, { c: 'é\n' }] } : {},
    tags: isOdd ? {} : { note: names[i] ?? '', deep: { er: true } },
    registeredAt: state === 'PENDING' ? null : moment(i, 560),
    createdAt: moment(i % 3, i * 100),
  };
}

function pluginRow(i: number): Prisma.PluginUncheckedCreateInput {
  const isSettled = i % 2 === 1;
  return {
    id: instanceId(i),
    supervisorId: supervisorId(i % 6),
    domainId: i % 5 === 0 ? other.domainId : own.domainId,
    pluginId: `plugin-${i % 7}`,
    version: `1.${Math.floor(i / 6)}`,
    state: (['PROVISIONING', 'ACTIVE', 'RE_PROVISIONING', 'ERROR'] as const)[i % 4] ?? 'ACTIVE',
    deadlineAt: isSettled ? null : moment(1_000, 0),
    managed: !isSettled,
    message: isSettled ? (names[i % names.length] ?? '') : null,
    stateChangedAt: moment(0, i % 5),
    ...(i % 3 ? { endpoint: `grpc://h:${i}`, endpoints: [`grpc://h:${i}`, 'a,"b"{}\\'], reason: 'REPORTED' } : {}),
  };
}

/** Rows of two domains, with what JSON and cursors find hard; then all that can be asked of them. */
async function insertRows(): Promise<RandomReadOptions['values']> {
  const { prisma } = t.db;
  for (const [i] of names.entries()) {
    await prisma.supervisor.create({ data: supervisorRow(i) });
    if (i % 4 === 3) continue;
    const expiresAt = new Date(Date.now() + (i % 4 === 2 ? -60_000 : 3_600_000));
    const lastSeenAt = i % 4 === 1 ? null : new Date();
    await prisma.lease.create({ data: { supervisorId: supervisorId(i), expiresAt, lastSeenAt } });
  }
  for (let i = 0; i < 40; i += 1) await prisma.plugin.create({ data: pluginRow(i) });
  return {
    id: [...[0, 1, 2, 3, 99].map(supervisorId), ...[0, 1, 5, 99].map(instanceId), 'event-1', '', 'no id', 'a\0b'],
    ids: [supervisorId(1), instanceId(2)],
    supervisorId: [supervisorId(0), instanceId(1)],
    domainId: [own.domainId, other.domainId, 'domain-nobody', 'no domain'],
    first: [0, 1, 2, 3, 5, 20, 100, 101, -1],
    last: [0, 1, 2, 5, 100],
    ...(await cursors()),
    keyword: ['', 'alpha', 'HOST-1 plugin-2', 'no\0'],
    labelKey: ['env'],
    String: [supervisorId(1), instanceId(1), 'alpha', 'host-1', 'plugin-1', '1.0', 'e', '', 'REPORTED'],
    ID: [supervisorId(1), own.domainId],
    Int: [0, 1, 2, 2_147_483_648 - 1],
    Boolean: [true, false],
    DateTime: ['2026-01-02T00:00:00.300Z', '2026-02-03T00:00:00Z', '2030-01-01T00:00:00+02:00'],
    JSONObject: [{}, { env: 'prod' }, { deep: { er: true } }, { note: 'alpha' }],
  };
}

/** Real places in lists of several orders, and texts that are none. */
async function cursors(): Promise<{ after: string[]; before: string[] }> {
  const query = `{
    a: supervisors(first: 20) { edges { cursor } }
    b: supervisors(orderBy: [{ field: CREATED_AT, direction: DESC }]) { edges { cursor } }
    c: plugins(first: 20) { edges { cursor } }
    d: plugins(orderBy: [{ field: STATE, direction: ASC }, { field: UPDATED_AT, direction: DESC }]) { edges { cursor } }
  }`;
  const { data } = await answerOf('ordinary', own.admin, { query, variables: {} });
  const found = Object.values(data as Record<string, { edges: { cursor: string }[] }>);
  const texts = [...found.flatMap(({ edges }) => edges.slice(1, 6).map(({ cursor }) => cursor)), 'none', ''];
  return { after: texts, before: texts };
}

async function rawAnswerOf(
  way: 'compiled' | 'ordinary',
  viewer: Viewer,
  params: { query: string; variables: Record<string, unknown> },
): Promise<Answer> {
  const operation = pipelines[way].admit(viewer, params, { headers: {} });
  if ('errors' in operation) throw new Error(`${operation.errors.join('\n')}\n${params.query}`);
  return operation.answer(patientCaller);
}

const answerOf = async (...asked: Parameters<typeof rawAnswerOf>) => resultOf(await rawAnswerOf(...asked));

/** The JSON that clients receive. */
const textOf = (result: ExecutionResult) => JSON.parse(JSON.stringify(result));

/**
 * The same, the errors by their root fields: these fail in any order, and of several errors within one, the answer has
 * the first alone, and any may be the first.
 */
function certainOf(result: ExecutionResult) {
  const { data, errors = [] } = textOf(result) as { data: unknown; errors?: { path: string[] }[] };
  const known = errors.map((error) => JSON.stringify(error.path.length === 1 ? error : error.path[0]));
  return { data, errors: known.sort() };
}

test('reads by a statement of their own answer as resolvers do, whatever is asked, data and errors alike', async () => {
  const roots = [
    ...Array(4).fill(['supervisors', 'plugins', 'supervisor', 'plugin']).flat(),
    '__typename',
    'viewer',
    ...Array(3).fill(['supervisorStats', 'pluginStats']).flat(),
  ];
  let covered = 0;
  await fc.assert(
    fc.asyncProperty(randomReads({ schema, roots, values }), fc.constantFrom(...viewers), async (document, viewer) => {
      const compiled = await rawAnswerOf('compiled', viewer, document);
      expect(certainOf(await resultOf(compiled))).toEqual(certainOf(await answerOf('ordinary', viewer, document)));
      if ('dataText' in compiled) covered += 1;
    }),
    { numRuns: propertyRuns(1_000), endOnFailure: true },
  );
  expect(covered).toBeGreaterThan(propertyRuns(200));
});

test('the viewer beside lists is part of their statement', async () => {
  const query = '{ a: viewer { me: subject role domainId cursor __typename } plugins(first: 1) { totalCount } }';
  const params = { query, variables: {} };
  const compiled = await rawAnswerOf('compiled', own.viewer, params);
  expect(textOf(await resultOf(compiled))).toEqual(textOf(await answerOf('ordinary', own.viewer, params)));
  expect('dataText' in compiled).toBe(true);
});

test('a read by a statement of its own keeps the order in which a document asks', async () => {
  const query = '{ b: plugins(first: 2) { totalCount nodes { version id __typename } } a: __typename }';
  const answers = await Promise.all(
    (['compiled', 'ordinary'] as const).map(async (way) =>
      JSON.stringify(await answerOf(way, own.viewer, { query, variables: {} })),
    ),
  );
  expect(answers[0]).toBe(answers[1]);
});

test.each([
  ['{ supervisorStats(groupBy: [STATE, IS_PUBLIC]) { __typename n: count state isPublic label } }', true],
  ['query ($by: [PluginGroupKey!]!) { pluginStats(groupBy: $by) { managed state count } }', true],
  [
    '{ a: supervisorStats(groupBy: [LABEL, STATE]) { label count } b: pluginStats(groupBy: [VERSION]) { version } }',
    true,
  ],
  ['{ supervisorStats(groupBy: []) { count } }', false],
])('the statistics %s are answered by a statement of their own: %s', async (query, isCovered) => {
  const params = { query, variables: { by: ['STATE', 'MANAGED'] } };
  const ordinary = await answerOf('ordinary', own.viewer, params);
  const compiled = await rawAnswerOf('compiled', own.viewer, params);
  expect(textOf(await resultOf(compiled))).toEqual(textOf(ordinary));
  expect('dataText' in compiled).toBe(isCovered);
});

test('a statistic with too many groups is refused where it stands', async () => {
  const domainId = 'many-groups';
  await t.db.sql.query(
    `INSERT INTO supervisors (id, domain_id, name, hostname, labels)
     SELECT 'supervisor-e' || lpad(to_hex(n), 11, '0'), $1, 'n' || n, 'n' || n, jsonb_build_object('n', n)
     FROM generate_series(1, 10001) n`,
    [domainId],
  );
  const query = `{
    few: supervisorStats(domainId: "${domainId}", groupBy: [STATE]) { count }
    many: supervisorStats(domainId: "${domainId}", groupBy: [LABEL]) { count }
  }`;
  const { errors } = await answerOf('compiled', own.admin, { query, variables: {} });
  expect(errors).toMatchObject([{ path: ['many'], extensions: { code: 'BAD_USER_INPUT', path: ['groupBy'] } }]);
});
