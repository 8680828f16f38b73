import { BenchError } from '../benchError.ts';
import { openConnection, type ServerAddresses } from './clients.ts';
import { parseFields } from './protobuf.ts';
import { createRequests } from './requests.ts';
import type { WayName } from './ways.ts';
import { listed } from './workloads.ts';

/** The content of both answers of a way. */
interface Answers {
  /** Id of the supervisor that published. */
  readonly publisher: string;
  readonly listed: number;
  readonly total: number;
}

/**
 * Checks a way before it is measured.
 *
 * @throws BenchError if its answers aren't the database's
 */
export async function check(
  way: WayName,
  addresses: ServerAddresses,
  supervisors: number,
  plugins: number,
): Promise<void> {
  const connection = openConnection(way, addresses);
  try {
    const ask = (workload: 'publish' | 'list') => {
      const { path, bodies } = createRequests(way, workload, supervisors, plugins);
      return connection.ask(path, bodies[0] ?? Buffer.alloc(0));
    };
    const { publisher, ...list } = read[way](await ask('publish'), await ask('list'));
    const expected = { listed: Math.min(listed, supervisors), total: supervisors };
    if (!/^supervisor-[0-9a-f]{12}$/.test(publisher) || JSON.stringify(list) !== JSON.stringify(expected)) {
      throw new BenchError(
        `expected a supervisor and ${JSON.stringify(expected)}; got ${publisher}, ${JSON.stringify(list)}`,
      );
    }
  } finally {
    connection.close();
  }
}

const read: Record<WayName, (published: Buffer, list: Buffer) => Answers> = {
  graphql: (published, list) => {
    const { supervisors } = JSON.parse(list.toString()).data;
    const publisher = JSON.parse(published.toString()).data.publishSupervisor.supervisor.id;
    return { publisher, listed: supervisors.nodes.length, total: supervisors.totalCount };
  },
  rest: (published, list) => {
    const { results, total_count } = JSON.parse(list.toString());
    return { publisher: JSON.parse(published.toString()).supervisor_id, listed: results.length, total: total_count };
  },
  grpc: (published, list) => {
    const fields = parseFields(list);
    return {
      publisher: String(parseFields(published).get(1)?.[0]),
      listed: fields.get(1)?.length ?? 0,
      total: Number(fields.get(2)?.[0] ?? 0),
    };
  },
};
