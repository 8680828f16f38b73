import { connect, type Socket } from 'node:net';
import { fleetOf } from './fleet.ts';
import { graphql } from './graphql.ts';
import type { TestServer } from './testServer.ts';

/** A text for labels of about as many bytes as are allowed. */
export const longText = 'x'.repeat(15_000);

/** Supervisors whose list, with `largeQuery`, has about 7 MB; the system keeps several megabytes for a connection. */
export async function publishLargeRows(server: Pick<TestServer, 'url'>, domainId: string): Promise<void> {
  const fleet = fleetOf(server.url, domainId);
  await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      fleet.ask('mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }', {
        input: { domainId, name: `agent-${i}`, hostname: `agent-${i}`, labels: { text: longText } },
      }),
    ),
  );
}

/** About 7 MB. */
export const largeQuery = `{ supervisors(first: 100) { nodes { ${Array.from({ length: 5 }, (_, i) => `l${i}: labels`).join(' ')} } } }`;

/** About 1.5 MB. */
export const mediumQuery = '{ supervisors(first: 100) { nodes { labels } } }';

/** A metric's value. */
export async function metricOf({ url }: Pick<TestServer, 'url'>, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/** How many connections were closed since their peers did not read. */
export const unreadClosings = (server: Pick<TestServer, 'url'>) =>
  metricOf(server, 'muster_connections_closed_total{cause="unread"}');

/** A connection that sends bytes as they are, and reads nothing until it is resumed. */
export function openRaw({ url }: Pick<TestServer, 'url'>): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.on('error', () => {});
  return socket;
}

/** A POST of GraphQL as bytes. */
export function rawPost(query: string, headers: Record<string, string> = {}): string {
  const body = JSON.stringify({ query });
  const lines = {
    host: 'localhost',
    'content-type': 'application/json',
    'content-length': String(body.length),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
  return `POST /graphql HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Whether a server answers, as everybody else sees it. */
export async function expectAnswers(server: Pick<TestServer, 'url'>): Promise<void> {
  const reply = await graphql(server.url, '{ viewer { role } }');
  if (reply.status !== 200) throw new Error(`expected an answer; got ${JSON.stringify(reply)}`);
}
