import { startMuster } from './muster.ts';
import type { FanoutServer } from './server.ts';
import { startStandIn } from './standIn.ts';

/** A way to deliver the same events to many subscribers. */
export interface Way {
  /** For the command line. */
  readonly name: string;
  /** For the table. */
  readonly label: string;
  /** Whether subscribers have to ask: `bare` servers send everything to whoever connects. */
  readonly protocol: 'bare' | 'graphql';
  /** How many different subscriptions, all of which match every event, the subscribers have between them. */
  readonly groups: number;
  start(eventsABatch: number, signal: AbortSignal): Promise<FanoutServer>;
}

/** What all others are compared with. */
export const limitName = 'limit';

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
