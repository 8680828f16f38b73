import { propertyRuns } from '@muster/db/testing/propertyRuns';
import { buildSchema } from '@muster/schema';
import fc from 'fast-check';
import { getIntrospectionQuery, getOperationAST, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { fragmentedDocument, write } from '../../testing/fragmentedDocument.ts';
import { costFormula } from './documentCost.ts';

const schema = buildSchema();
const lengths = {
  pageSize: 20,
  maxPageSize: 100,
  plain: 10,
  introspected: 7,
  tableScan: 1_000,
  change: 500,
  bulkChange: 50_000,
};

function costOf(text: string, variables: Record<string, unknown> = {}, onVisit = () => {}): number {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('no operation');
  const cost = costFormula({ schema, document, operation, lengths, onVisit });
  return typeof cost === 'number' ? cost : cost(variables);
}

describe('each selected field counts 1, as often as the lists that it stands under may be long', () => {
  test.each<[text: string, cost: number, variables?: Record<string, unknown>]>([
    ['{ __typename }', 1],
    ['{ viewer { role subject } }', 3],
    ['{ plugins { pageInfo { endCursor } } }', 3],
    ['{ plugins { nodes { id } } }', 2 + 20],
    ['{ plugins(first: 7) { nodes { id name: version } } }', 2 + 7 * 2],
    ['{ plugins(last: 7) { nodes { id } } }', 2 + 7],
    ['{ plugins(first: null, last: 7) { nodes { id } } }', 2 + 7],
    ['{ plugins(first: 0) { nodes { id } __typename } }', 3],
    [
      '{ plugins(first: 2) { nodes { id } edges { cursor node { id } } pageInfo { endCursor } } }',
      1 + 3 + 2 + 2 * 3 + 1,
    ],
    ['query ($n: Int) { plugins(first: $n) { nodes { id } } }', 2 + 5, { n: 5 }],
    ['query ($n: Int = 6) { plugins(first: $n) { nodes { id } } }', 2 + 6],
    ['query ($n: Int = 6) { plugins(first: $n) { nodes { id } } }', 2 + 20, { n: null }],
    ['query ($n: Int, $m: Int) { plugins(first: $n, last: $m) { nodes { id } } }', 2 + 3, { m: 3 }],
    [
      '{ supervisors(first: 3) { nodes { plugins(first: 4) { nodes { id } } conditions { type } } } }',
      2 + 3 * (2 + 4 + 1 + 10),
    ],
    ['{ nodes(ids: ["a", "b", "c"]) { id } }', 1 + 3],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Plugin { version } } }', 1 + 4 * 2, { ids: [1, 2, 3, 4] }],
    ['query ($id: ID!) { nodes(ids: [$id, "b"]) { id } }', 1 + 2, { id: 'a' }],
    ['{ plugin(id: "x") { endpoints supervisor { conditions { type } } } }', 1 + 2 + 1 + 10],
    [
      '{ ...F ...F } fragment F on Query { plugins(first: 2) { ...G } } fragment G on PluginConnection { nodes { id } }',
      2 * (2 + 2),
    ],
    [
      '{ plugins(first: 2) { ...G } all: plugins(first: 9) { ...G } } fragment G on PluginConnection { nodes { id } }',
      4 + 11,
    ],
    ['subscription { pluginStateChanged { from plugin { id } } }', 4],
  ])('%s costs %i', (text, cost, variables) => {
    expect(costOf(text, variables)).toBe(cost);
  });

  test('a page of more rows than there may be counts as the most, and one of a text or less than nothing as any page', () => {
    const query = 'query ($n: Int) { plugins(first: $n) { nodes { id } } }';
    expect(costOf(query, { n: 1_000_000 })).toBe(102);
    for (const n of ['7', -1, {}, Number.NaN]) expect(costOf(query, { n })).toBe(22);
  });
});

describe('W2: looking for rows costs by conditions: 1,000 each where a table is looked through, 1 below another list', () => {
  const plugins = (filter: string) => `{ plugins(first: 1, filter: ${filter}) { nodes { id } } }`;
  const supervisors = (filter: string) => `{ supervisors(first: 1, filter: ${filter}) { nodes { id } } }`;
  const values = (length: number) => JSON.stringify(Array.from({ length }, String));
  const ten = Array.from({ length: 10 }, () => '{version: {eq: "1"}}').join(' ');

  test.each<[text: string, conditions: number, variables?: Record<string, unknown>]>([
    [plugins('{}'), 0],
    [plugins('null'), 0],
    [plugins('{state: {eq: ERROR}}'), 1],
    [plugins('{state: {eq: ERROR}, version: {ne: "1", startsWith: "2"}}'), 3],
    [plugins('{message: {contains: "x"}}'), 3],
    [plugins('{message: {endsWith: "x"}}'), 3],
    [plugins('{message: {eq: "x", insensitive: true}}'), 3],
    [plugins('{message: {eq: "x", insensitive: false}}'), 1],
    [supervisors('{labels: {contains: {env: "prod"}, hasKey: "a"}}'), 2],
    [plugins(`{version: {in: ${values(200)}}}`), 3],
    [plugins(`{version: {in: ${values(200)}, insensitive: true}}`), 9],
    [plugins(`{or: [${ten}], and: [{not: {or: [${ten}]}}]}`), 20],
    [plugins('{supervisor: {name: {eq: "a"}}}'), 1 + 2],
    [supervisors('{plugins: {some: {state: {eq: ERROR}}, none: {}}}'), 1 + 10 + 1],
    [plugins('{supervisor: {plugins: {every: {message: {contains: "x"}}}}}'), 1 + 2 * (1 + 10 * 3)],
    ['query ($s: PluginState) { plugins(first: 1, filter: {state: {eq: $s}}) { nodes { id } } }', 1, { s: 'ERROR' }],
    ['query ($s: PluginState) { plugins(first: 1, filter: {state: {eq: $s}}) { nodes { id } } }', 0],
    [
      'query ($f: PluginFilter) { plugins(first: 1, filter: $f) { nodes { id } } }',
      1 + 2 * (1 + 10),
      { f: { supervisor: { plugins: { every: { state: { eq: 'ERROR' } } } } } },
    ],
    ['query ($f: PluginFilter = {version: {eq: "1"}}) { plugins(first: 1, filter: $f) { nodes { id } } }', 1],
    ['{ plugins(first: 1, keyword: " one  two ") { nodes { id } } }', 2 * 9],
    ['query ($k: String) { plugins(first: 1, keyword: $k) { nodes { id } } }', 20 * 9, { k: 'x '.repeat(500) }],
    ['{ plugins(first: 1, orderBy: [{field: VERSION, direction: ASC}]) { nodes { id } } }', 1],
  ])('%s', (text, conditions, variables) => {
    expect(costOf(text, variables)).toBe(3 + 1_000 * conditions);
  });

  test('counting rows is a condition, also where a fragment asks for the count, and making groups two', () => {
    expect(costOf('{ plugins { totalCount } }')).toBe(2 + 1_000);
    expect(costOf('{ plugins(filter: {state: {eq: ERROR}}) { totalCount } }')).toBe(2 + 2_000);
    expect(costOf('{ plugins { ...F a: totalCount } } fragment F on PluginConnection { totalCount }')).toBe(3 + 2_000);
    expect(costOf('{ pluginStats(groupBy: [STATE]) { state count } }')).toBe(1 + 10 * 2 + 2_000);
  });

  const page = (place: string, asked: string) => `{ plugins(${place}, filter: {state: {eq: ERROR}}) { ${asked} } }`;
  test.each<[text: string, fields: number, conditions: number]>([
    [page('after: "c"', 'pageInfo { hasNextPage }'), 3, 1],
    [page('after: "c"', 'pageInfo { hasPreviousPage }'), 3, 2],
    [page('last: 5, before: "c"', 'pageInfo { hasNextPage }'), 3, 2],
    [page('last: 5, before: "c"', 'pageInfo { hasPreviousPage }'), 3, 1],
    [page('first: 5', 'pageInfo { hasPreviousPage }'), 3, 1],
    [`${page('after: "c"', '...P')} fragment P on PluginConnection { pageInfo { ... { hasPreviousPage } } }`, 3, 2],
    [`${page('after: "c"', 'pageInfo { ...I ...I }')} fragment I on PageInfo { hasPreviousPage }`, 4, 2],
  ])('conditions count twice where rows behind the cursor are asked about: %s', (text, fields, conditions) => {
    expect(costOf(text)).toBe(fields + 1_000 * conditions);
  });

  test.each<[keys: string, groups: number]>([
    ['[MANAGED, STATE]', 100],
    ['[SUPERVISOR_ID]', 1_000],
    ['[SUPERVISOR_ID, PLUGIN_ID, VERSION, STATE, MANAGED]', 5_000],
  ])('the groups of %s count as %i', (keys, groups) => {
    expect(costOf(`{ pluginStats(groupBy: ${keys}) { state count } }`)).toBe(1 + groups * 2 + 2_000);
    const variables = { k: keys.slice(1, -1).split(', ') };
    const query = 'query ($k: [PluginGroupKey!]!) { pluginStats(groupBy: $k) { state count } }';
    expect(costOf(query, variables)).toBe(1 + groups * 2 + 2_000);
  });

  test('below another list the conditions count for each of its rows', () => {
    const nested =
      '{ supervisors(first: 50) { nodes { plugins(first: 1, filter: {message: {contains: "x"}}) { totalCount } } } }';
    expect(costOf(nested)).toBe(2 + 50 * (2 + 3 + 1));
  });

  test('an event of a subscription is held against its conditions alone', () => {
    expect(costOf('subscription { watchPlugins(filter: {supervisor: {name: {contains: "x"}}}) { type } }')).toBe(2 + 7);
  });

  test('the filter of a bulk mutation counts', () => {
    const text = 'mutation ($i: EnableSupervisorsInput!) { enableSupervisors(input: $i) { __typename } }';
    expect(costOf(text, { i: { filter: { name: { contains: 'x' } } } })).toBe(2 + 3_000 + 50_000);
  });

  test('relations below the two that are allowed count nothing: they are refused', () => {
    const attack = (levels: number): string =>
      levels === 0 ? '{state: {eq: ERROR}}' : `{supervisor: {plugins: {every: ${attack(levels - 1)}}}}`;
    expect([1, 2, 30].map((levels) => costOf(plugins(attack(levels))))).toEqual([23_003, 3_003, 3_003]);
  });
});

test('W6: a change costs 500, each where several are asked for, and a bulk change 50,000; an agent’s report, which is joined with others, doesn’t', () => {
  const enable = (alias: string) => `${alias}: enableSupervisor(input: {supervisorId: "x"}) { supervisor { id } }`;
  expect(costOf(`mutation { ${enable('a')} }`)).toBe(3 + 500);
  expect(costOf(`mutation { ${enable('a')} ${enable('b')} }`)).toBe(2 * (3 + 500));
  expect(costOf('mutation { enableSupervisors(input: {all: true}) { __typename } }')).toBe(2 + 50_000);
  const input = '{hostname: "edge-1", name: "edge-1"}';
  expect(costOf(`mutation { publishSupervisor(input: ${input}) { supervisor { id } } }`)).toBe(3);
});

test('what people ask for is allowed by default: introspection, and 100 supervisors with 100 plugins of 10 fields', () => {
  const introspection = costOf(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }));
  const plugin = 'id pluginId version state endpoint message attempt managed generation updatedAt';
  const fleet = costOf(
    `{ supervisors(first: 100) { nodes { id name hostname state plugins(first: 100) { nodes { ${plugin} } } } } }`,
  );
  expect(introspection).toBeLessThan(25_000);
  expect(fleet).toBe(2 + 100 * (6 + 100 * 10));
});

test('a document with fragments costs what the same one costs without', () => {
  fc.assert(
    fc.property(fragmentedDocument(schema), ({ document, variables }) => {
      const spread = write(document, { inline: false });
      const inlined = write(document, { inline: true });
      expect(inlined).not.toContain('fragment');
      expect(costOf(spread, variables)).toBe(costOf(inlined, variables));
    }),
    { numRuns: propertyRuns(300) },
  );
});

test('a fragment bomb costs more than any number, and is measured in time that grows with its text', () => {
  const bomb = (fragments: number) => {
    const list = Array.from(
      { length: fragments },
      (_, i) =>
        `fragment F${i} on Supervisor { plugins(first: $n) { nodes { supervisor { ...F${i + 1} } more: supervisor { ...F${i + 1} } } } }`,
    );
    return `query ($n: Int) { supervisor(id: "x") { ...F0 } } ${list.join(' ')} fragment F${fragments} on Supervisor { id }`;
  };
  for (const fragments of [5, 20, 45]) {
    let visits = 0;
    const cost = costOf(bomb(fragments), { n: 100 }, () => {
      visits += 1;
    });
    expect(visits).toBeLessThan(21 * fragments + 10);
    expect(cost).toBeGreaterThan(200_000);
    expect(Number.isSafeInteger(cost)).toBe(true);
  }
});
