import type { WebSocket } from 'ws';

/** How often each peer is pinged; a peer that hasn't answered by its next ping is cut off. */
export const pingIntervalMs = 12_000;

/** Peers are pinged in this many parts over the interval, since thousands of pings in one turn would delay all other work. */
const parts = 24;

/** The methods of a WebSocket that keep-alive calls. */
export type Peer = Pick<WebSocket, 'ping' | 'terminate'>;

/** Pings peers until they are closed. */
export interface KeepAlive {
  /** Starts to ping a peer. */
  opened(peer: Peer): void;
  /** Notes that a peer has answered a ping. */
  answered(peer: Peer): void;
  /** Forgets a peer. */
  closed(peer: Peer): void;
  /** Pings nobody any more. */
  stop(): void;
}

/** Starts the timer by which peers are pinged. */
export function createKeepAlive(): KeepAlive {
  const peersByPart = Array.from({ length: parts }, () => new Set<Peer>());
  const partOf = new WeakMap<Peer, Set<Peer>>();
  const unanswered = new WeakSet<Peer>();
  let due = 0;

  function pingNextPart(): void {
    const peers = peersByPart[due] ?? [];
    due = (due + 1) % parts;
    for (const peer of peers) {
      if (unanswered.has(peer)) peer.terminate();
      else {
        unanswered.add(peer);
        peer.ping();
      }
    }
  }

  /** The smallest of the parts that are not pinged soon: a new connection needs no early ping. */
  function smallestLaterPart(): Set<Peer> {
    const later = [...peersByPart.slice(due), ...peersByPart.slice(0, due)].slice(parts / 2);
    return later.reduce((least, peers) => (peers.size < least.size ? peers : least));
  }

  const timer = setInterval(pingNextPart, pingIntervalMs / parts);
  return {
    opened: (peer) => {
      const part = smallestLaterPart();
      part.add(peer);
      partOf.set(peer, part);
    },
    answered: (peer) => void unanswered.delete(peer),
    closed: (peer) => void partOf.get(peer)?.delete(peer),
    stop: () => clearInterval(timer),
  };
}
