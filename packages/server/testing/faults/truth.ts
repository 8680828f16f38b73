import type { Database } from '@muster/db';
import { graphql } from '../graphql.ts';

export type Row = Readonly<Record<string, unknown>>;

/** An event as the table has it. */
export interface LoggedEvent {
  readonly seq: number;
  readonly kind: string;
  readonly entity: 'plugin' | 'supervisor';
  /** Of the plugin or the supervisor that changed. */
  readonly id: string;
  readonly supervisorId: string;
  readonly from: string | null;
  readonly to: string | null;
  /** As of the event. */
  readonly row: Row;
  /** As it was before; null for a creation. */
  readonly before: Row | null;
}

/** The whole log in its order, read behind the servers' back. */
export async function readTruth(db: Pick<Database, 'sql'>): Promise<LoggedEvent[]> {
  const rows = await db.sql.query<{
    seq: number;
    kind: string;
    plugin: string | null;
    supervisorId: string;
    from: string | null;
    to: string | null;
    row: Row;
    changes: Readonly<Record<string, { from: unknown }>> | null;
  }>(
    `SELECT seq, kind::text, plugin_instance_id AS plugin, supervisor_id AS "supervisorId", "from", "to", row, changes
     FROM events ORDER BY seq`,
  );
  return rows.map(({ plugin, changes, ...event }) => ({
    ...event,
    entity: plugin === null ? 'supervisor' : 'plugin',
    id: plugin ?? event.supervisorId,
    before: event.kind.endsWith('_CREATED')
      ? null
      : {
          ...event.row,
          ...Object.fromEntries(Object.entries(changes ?? {}).map(([column, { from }]) => [column, from])),
        },
  }));
}

/** All events' cursors as a replica tells them, by the events' numbers, in the order in which it tells them. */
export async function readCursors(url: string): Promise<Map<number, string>> {
  const cursors = new Map<number, string>();
  for (let after: string | null = null; ; ) {
    const reply: EventsReply = await graphql(
      url,
      'query ($after: String) { events(first: 100, after: $after) { nodes { id cursor } pageInfo { hasNextPage endCursor } } }',
      { after },
    );
    if (!reply.data) throw new Error(JSON.stringify(reply.errors));
    const { nodes, pageInfo } = reply.data.events;
    for (const { id, cursor } of nodes) cursors.set(Number(id.replace('event-', '')), cursor);
    if (!pageInfo.hasNextPage) return cursors;
    after = pageInfo.endCursor;
  }
}

interface EventsReply {
  data?: {
    events: {
      nodes: { id: string; cursor: string }[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
  } | null;
  errors?: unknown;
}
