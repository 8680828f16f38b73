import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@muster/core/testing';
import { WebSocket } from 'ws';
import type { Interest } from './interest.ts';

/** The data of any subscription; queries give its field the alias `item`. */
interface Item {
  cursor: string;
  type?: string;
  pluginInstanceId?: string | null;
  from?: string;
  to?: string;
  plugin?: { id: string; [field: string]: unknown } | null;
  supervisor?: { id: string };
}

interface Message {
  type: string;
  payload?: unknown;
}

interface Refusal {
  message: string;
  extensions: Readonly<Record<string, unknown>>;
}

interface Result {
  data?: { item: Item } | null;
  errors?: Refusal[];
}

/** Events that a subscriber received one after the other. */
export interface Reading {
  /** The cursor after which the follower has received all events; null while it has none. */
  readonly start: string | null;
  /** Whether `start` is where the history begins, which is no event's cursor. */
  readonly isFromOldest: boolean;
  /** All events received after `start`, in the order of their arrival. */
  readonly received: readonly { cursor: string; what: string }[];
}

/**
 * A subscriber as a client should be: it comes back after whatever breaks, and resumes where it was; or begins anew where that
 * place was lost.
 */
export interface Follower extends Reading {
  readonly interest: Interest;
  /** Each time that it began anew, all that it had received before (O5). */
  readonly earlier: readonly Reading[];
  /** For a watch: the rows by all events received. */
  readonly rows: ReadonlyMap<string, unknown>;
  /** How often it subscribed. */
  readonly sessions: number;
  stop(): Promise<void>;
}

export interface FollowerOptions {
  interest: Interest;
  /** Where the replicas are that are up. */
  urls(): string[];
  /** Where to begin; a watch begins with a snapshot. */
  after: string | null;
  random: Random;
  /** Called with descriptions of answers that no subscriber should ever see. */
  onProblem(problem: string): void;
}

/** Ends that say "come back"; any other is a problem. */
const expectedCodes = new Set(['UNAVAILABLE', 'SLOW_CONSUMER']);

export function follow(options: FollowerOptions): Follower {
  const { interest, random } = options;
  const received: { cursor: string; what: string }[] = [];
  const earlier: Reading[] = [];
  let isFromOldest = false;
  const rows = new Map<string, unknown>();
  let start = options.after;
  let place = options.after;
  let sessions = 0;
  let current: WebSocket | undefined;
  let stopped = false;

  function take({ cursor, ...item }: Item): void {
    if (interest.isWatch && start === null) {
      takeOfSnapshot({ cursor, ...item });
      return;
    }
    place = cursor;
    if (item.type === 'BOOKMARK') return;
    const id = item.pluginInstanceId ?? item.plugin?.id ?? item.supervisor?.id ?? '';
    received.push({ cursor, what: interest.isWatch ? `${item.type} ${id}` : `${id} ${item.from}>${item.to}` });
    if (item.type === 'REMOVED') rows.delete(id);
    else if (interest.isWatch) rows.set(id, item.plugin);
  }

  function takeOfSnapshot({ type, pluginInstanceId: id, plugin, cursor }: Item): void {
    if (type === 'SYNCED') {
      start = cursor;
      place = cursor;
    } else if (type === 'ADDED' && id) rows.set(id, plugin);
    else options.onProblem(`${interest.name}: ${type} before SYNCED`);
  }

  function onMessage(socket: WebSocket, { type, payload }: Message): void {
    if (type === 'connection_ack') {
      const variables = { ...interest.variables, after: place };
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: interest.query, variables } }));
    } else if (type === 'next') onNext(payload as Result);
    else {
      if (type === 'error') refuse(payload as Refusal[]);
      socket.terminate();
    }
  }

  function onNext({ data, errors }: Result): void {
    if (data && !errors) take(data.item);
    // A refused subscription gets a message without data, and is then completed.
    else if (data === undefined && errors) refuse(errors);
    // A subscriber that went on from here would have lost a change.
    else options.onProblem(`${interest.name}: a change came as ${JSON.stringify({ data, errors })}`);
  }

  function refuse(errors: readonly Refusal[]): void {
    const [error] = errors;
    const { code, lastCursor, oldestCursor } = error?.extensions ?? {};
    if (code === 'CURSOR_EXPIRED') beginAnew(String(oldestCursor));
    else if (!expectedCodes.has(String(code))) {
      options.onProblem(`${interest.name}: ended with ${JSON.stringify(errors)}`);
    }
    if (code === 'SLOW_CONSUMER' && lastCursor !== place) {
      options.onProblem(`${interest.name}: ${error?.message}; lastCursor ${lastCursor}, was told up to ${place}`);
    }
  }

  function beginAnew(oldestCursor: string): void {
    earlier.push({ start, isFromOldest, received: received.splice(0) });
    isFromOldest = !interest.isWatch;
    start = interest.isWatch ? null : oldestCursor;
    place = start;
  }

  async function session(url: string): Promise<void> {
    sessions += 1;
    if (start === null) rows.clear();
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws', {
      handshakeTimeout: 5_000,
    });
    current = socket;
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data) => onMessage(socket, JSON.parse(String(data))));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('close', resolve));
  }

  async function run(): Promise<void> {
    for (let failures = 0; !stopped; ) {
      const before = received.length;
      const urls = options.urls();
      if (urls.length > 0) await session(random.one(urls));
      failures = received.length > before ? 0 : Math.min(failures + 1, 4);
      if (!stopped) await delay(random.between(20, 100) * 2 ** failures);
    }
  }

  const running = run();
  return {
    interest,
    received,
    rows,
    earlier,
    get start() {
      return start;
    },
    get isFromOldest() {
      return isFromOldest;
    },
    get sessions() {
      return sessions;
    },
    stop: () => {
      stopped = true;
      current?.terminate();
      return running;
    },
  };
}
