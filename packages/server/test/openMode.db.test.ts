import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { graphql, openSocket, useTestServer } from '../testing/index.ts';

const configured = 'https://ops.example';
const server = useTestServer({ env: { MUSTER_CORS_ORIGINS: configured } });

/** `fetch` leaves out what a browser sends of itself. */
async function ask(method: string, path: string, headers: Record<string, string>) {
  const asked = request(`${server.url}${path}`, { method, headers });
  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    asked.on('response', resolve).on('error', reject).end(),
  );
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const paths = [
  '/',
  '/graphql',
  '/graphql?query={supervisors{totalCount}}',
  '/plugin/v1/supervisors',
  '/plugin/v1/supervisor/x/plugins?hostname=x',
  '/plugin/v1/docs',
  '/plugin/v1/openapi.json',
  '/health',
  '/ready',
  '/metrics',
  '/nowhere',
];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];

describe('A5: an open server refuses what a browser says is from another page, on every path and by every method', () => {
  const own = () => server.url;
  test.each<[string, () => Record<string, string>]>([
    ['Sec-Fetch-Site: cross-site', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['Sec-Fetch-Site: same-site, another port', () => ({ 'sec-fetch-site': 'same-site' })],
    ['Sec-Fetch-Site, although the origin is its own', () => ({ 'sec-fetch-site': 'cross-site', origin: own() })],
    ['an Origin', () => ({ origin: 'https://evil.example' })],
    ['an Origin at another port', () => ({ origin: 'http://127.0.0.1:1' })],
    ['an Origin that is configured, for that is for who has a credential', () => ({ origin: configured })],
    ['an Origin of nothing', () => ({ origin: 'null' })],
    ['a Referer', () => ({ referer: 'https://evil.example/page' })],
    ['a Referer that is no URL', () => ({ referer: 'evil' })],
    ["a Host that is not this machine's own", () => ({ host: 'evil.example' })],
    [
      'such a Host, although the browser calls the page its own',
      () => ({ host: 'evil.example', 'sec-fetch-site': 'same-origin' }),
    ],
  ])('%s', async (_title, headers) => {
    for (const method of methods) {
      for (const path of paths) {
        const { status, headers: answered, body } = await ask(method, path, headers());
        expect([method, path, status, answered['access-control-allow-origin']]).toEqual([method, path, 403, undefined]);
        if (method !== 'HEAD') expect(body).toContain('FORBIDDEN');
      }
    }
    const socket = openSocket(server.url, { headers: headers() });
    await expect(socket).rejects.toThrow('403');
  });

  test.each<[string, () => Record<string, string>]>([
    ['no header of a browser', () => ({})],
    ['Sec-Fetch-Site: none', () => ({ 'sec-fetch-site': 'none' })],
    ['Sec-Fetch-Site: same-origin', () => ({ 'sec-fetch-site': 'same-origin', referer: `${own()}/graphql` })],
    ['its own Origin', () => ({ origin: own() })],
    ['its own Referer', () => ({ referer: `${own()}/graphql` })],
    ['another name of this machine', () => ({ host: 'localhost:4000' })],
    ['another address of this machine', () => ({ host: '127.0.0.9' })],
  ])('and not %s', async (_title, headers) => {
    for (const path of paths) expect((await ask('GET', path, headers())).status).not.toBe(403);
    await (await openSocket(server.url, { headers: headers() })).close();
  });
});

test('S9: operators see from where a wrong secret came, while the server runs open too', async () => {
  const publish = (secretKey: string) =>
    graphql(
      server.url,
      `mutation { publishSupervisor(input: {domainId: "s9", name: "a", hostname: "watched", secretKey: "${secretKey}"}) { nextPublishInMs } }`,
    );
  expect(await publish('right')).not.toHaveProperty('errors');
  expect(await publish('wrong')).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  const query = '{ supervisors(domainId: "s9") { nodes { conditions { type lastAddress message } } } }';
  const message = '1 request as watched was refused; the last, for its secret, came from 127.0.0.1';
  expect(await graphql(server.url, query)).toMatchObject({
    data: {
      supervisors: { nodes: [{ conditions: [{ type: 'IDENTITY_REFUSED', lastAddress: '127.0.0.1', message }] }] },
    },
  });
});

describe('L1: a GET changes nothing', () => {
  const list = '{ assignments(domainId: "gets", hostname: "a") { pluginId state } }';
  const publish = (hostname: string) =>
    `mutation { publishSupervisor(input: {domainId: "gets", name: "a", hostname: "${hostname}"}) { supervisor { id } } }`;
  const get = async (query: string) => {
    const response = await fetch(`${server.url}/graphql?${new URLSearchParams({ query })}`);
    return { status: response.status, ...((await response.json()) as { data?: unknown; errors?: unknown }) };
  };

  test('an agent that fetches its list by it renews no lease, and its offers are not recorded; a POST does both', async () => {
    const { sql } = server.db;
    await graphql(server.url, publish('a'));
    const [{ id } = { id: '' }] = await sql.query<{ id: string }>("SELECT id FROM supervisors WHERE hostname = 'a'");
    for (const mutation of [
      `registerSupervisor(input: {supervisorId: "${id}"}) { supervisor { id } }`,
      `installPlugin(input: {domainId: "gets", pluginId: "p", version: "1"}) { plugin { id } }`,
    ]) {
      expect((await graphql(server.url, `mutation { ${mutation} }`)).errors).toBeUndefined();
    }
    const stored = async () => [
      await sql.query('SELECT * FROM supervisors WHERE id = $1', [id]),
      await sql.query('SELECT * FROM leases WHERE supervisor_id = $1', [id]),
      await sql.query('SELECT * FROM plugins WHERE supervisor_id = $1', [id]),
    ];
    const before = await stored();
    const { data } = await get(list);
    expect(data).toEqual({ assignments: [{ pluginId: 'p', state: 'PROVISIONING' }] });
    for (const path of [`/plugin/v1/supervisor/${id}/plugins`, `/plugin/v1/supervisor/${id}/plugins?hostname=a`]) {
      expect((await fetch(server.url + path)).status).toBe(200);
    }
    expect(await stored()).toEqual(before);
    expect((await graphql(server.url, list)).data).toEqual(data);
    const [supervisor, lease, plugin] = await stored();
    expect(supervisor).toEqual(before[0]);
    expect(lease).not.toEqual(before[1]);
    expect(plugin).not.toEqual(before[2]);
  });

  test.each(['GET', 'HEAD'])('a mutation by %s is refused', async (method) => {
    const response = await fetch(`${server.url}/graphql?${new URLSearchParams({ query: publish('b') })}`, { method });
    expect(response.status).toBe(405);
    expect(await server.db.sql.query("SELECT id FROM supervisors WHERE hostname = 'b'")).toEqual([]);
  });
});
