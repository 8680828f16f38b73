import type { WebSocket } from 'ws';

/** How often each peer is asked whether it still lives; one that hasn't answered by the next time is cut off. */
export const pingIntervalMs = 12_000;

/** So many parts take turns within an interval, since thousands of pings in one turn would hold up all else. */
const parts = 24;

/** What it needs of a WebSocket. */
export type Peer = Pick<WebSocket, 'ping' | 'terminate'>;

export interface KeepAlive {
  opened(peer: Peer): void;
  /** It has answered a ping. */
  answered(peer: Peer): void;
  closed(peer: Peer): void;
  stop(): void;
}

/** Pings; a peer that has not answered one ping by the time of the next is gone, whatever the system says. */
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

  /** Of those that aren't due soon: a peer that has just come has shown that it lives. */
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
