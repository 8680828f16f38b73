import { expect, test } from 'vitest';
import { graphql } from '../testing/graphql.ts';
import { useTestServer } from '../testing/testServer.ts';

const server = useTestServer();

const publish = (name: string, hostname: string) =>
  `${name}: publishSupervisor(input: {domainId: "roots", name: "a", hostname: ${JSON.stringify(hostname)}}) { supervisor { hostname } }`;

test.each([
  ['by statements of their own', '', { totalCount: 0 }],
  ['by resolvers', 'rollouts { totalCount }', { totalCount: 0 }],
])('an error of one root field leaves the others of a query, read %s', async (_, more, found) => {
  const reply = await graphql(
    server.url,
    `{ a: supervisors(domainId: "none") { totalCount } b: supervisors(first: -1) { totalCount } c: plugins(domainId: "none") { totalCount } ${more} }`,
  );
  expect(reply).toMatchObject({
    status: 200,
    data: { a: found, b: null, c: found },
    errors: [{ path: ['b'], extensions: { code: 'BAD_USER_INPUT', path: ['first'] } }],
  });
  expect(reply.errors).toHaveLength(1);
});

test('an error of one root field leaves the payload of each mutation that was committed, before it and after', async () => {
  const reply = await graphql(server.url, `mutation { ${publish('a', 'a')} ${publish('b', '')} ${publish('c', 'c')} }`);
  expect(reply).toMatchObject({
    status: 200,
    data: { a: { supervisor: { hostname: 'a' } }, b: null, c: { supervisor: { hostname: 'c' } } },
    errors: [{ path: ['b'], extensions: { code: 'BAD_USER_INPUT', path: ['input', 'hostname'] } }],
  });
  const { data } = await graphql(
    server.url,
    '{ supervisors(domainId: "roots", orderBy: [{field: HOSTNAME, direction: ASC}]) { nodes { hostname } } }',
  );
  expect(data).toEqual({ supervisors: { nodes: [{ hostname: 'a' }, { hostname: 'c' }] } });
});
