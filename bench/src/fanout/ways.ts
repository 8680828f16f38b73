import { startMuster } from './muster.ts';
import type { FanoutServer } from './server.ts';
import { startStandIn } from './standIn.ts';

/** A way to deliver the same events to many subscribers. */
export interface Way {
  /** The name on the command line. */
  readonly name: string;
  /** The name in the table. */
  readonly label: string;
  /** Whether clients subscribe by graphql-ws; `bare` servers send everything to every client that connects. */
  readonly protocol: 'bare' | 'graphql';
  /** Number of different subscriptions among the subscribers; all match every event. */
  readonly groups: number;
  start(eventsABatch: number, signal: AbortSignal): Promise<FanoutServer>;
}

/** The name of the server that all others are compared with. */
export const limitName = 'limit';

/** All servers, in the order of the tables. */
export const ways: readonly Way[] = [
  {
    name: limitName,
    label: "a batch's ready-made frames in one write a socket (limit)",
    protocol: 'bare',
    groups: 1,
    start: (eventsABatch, signal) => startStandIn('limit.ts', ['join'], eventsABatch, signal),
  },
  {
    name: 'write',
    label: 'each ready-made frame written to every socket',
    protocol: 'bare',
    groups: 1,
    start: (eventsABatch, signal) => startStandIn('limit.ts', ['write'], eventsABatch, signal),
  },
  {
    name: 'send',
    label: 'ws.send of one shared buffer',
    protocol: 'bare',
    groups: 1,
    start: (eventsABatch, signal) => startStandIn('limit.ts', ['send'], eventsABatch, signal),
  },
  { name: 'muster', label: 'Muster, one document', protocol: 'graphql', groups: 1, start: startMuster },
  {
    name: 'muster-groups',
    label: 'Muster, 100 different filters',
    protocol: 'graphql',
    groups: 100,
    start: startMuster,
  },
  {
    name: 'peer',
    label: 'graphql-yoga, graphql-ws and in-memory pubsub',
    protocol: 'graphql',
    groups: 1,
    start: (eventsABatch, signal) => startStandIn('peer.ts', [], eventsABatch, signal),
  },
];
