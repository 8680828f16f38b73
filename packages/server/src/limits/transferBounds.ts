import type { Config } from '../config/config.ts';
import { BodyBytes } from './bodyBytes.ts';
import { UnsentBytes } from './unsent.ts';

/** W9: the bounds of all that clients send or read slowly, on every front. */
export interface TransferBounds {
  readonly unsent: UnsentBytes;
  readonly bodies: BodyBytes;
  /** How long a peer may read nothing of an answer, in milliseconds. */
  readonly unreadMs: number;
  /** How long a body, or a message, may be under way, in milliseconds. */
  readonly bodyMs: number;
}

/** The longest that a peer for which too many bytes wait may take nothing, in milliseconds. */
const longestStuckMs = 5_000;

type TransferSettings = Pick<
  Config,
  | 'MUSTER_UNSENT_PAUSE_BYTES'
  | 'MUSTER_UNSENT_CLOSE_BYTES'
  | 'MUSTER_UNSENT_BYTES_PER_CREDENTIAL'
  | 'MUSTER_UNREAD_TIMEOUT_SECONDS'
  | 'MUSTER_UNFINISHED_BODY_BYTES'
  | 'MUSTER_UNFINISHED_BODY_BYTES_PER_CLIENT'
  | 'MUSTER_REQUEST_TIMEOUT_SECONDS'
>;

/** @param onClosed called for each connection that is closed since its peer does not read */
export function createTransferBounds(config: TransferSettings, onClosed: () => void): TransferBounds {
  const unreadMs = config.MUSTER_UNREAD_TIMEOUT_SECONDS * 1_000;
  return {
    unsent: new UnsentBytes({
      pauseBytes: config.MUSTER_UNSENT_PAUSE_BYTES,
      closeBytes: config.MUSTER_UNSENT_CLOSE_BYTES,
      stuckMs: Math.min(longestStuckMs, unreadMs),
      credentialBytes: config.MUSTER_UNSENT_BYTES_PER_CREDENTIAL,
      onClosed,
    }),
    bodies: new BodyBytes({
      totalBytes: config.MUSTER_UNFINISHED_BODY_BYTES,
      clientBytes: config.MUSTER_UNFINISHED_BODY_BYTES_PER_CLIENT,
    }),
    unreadMs,
    bodyMs: config.MUSTER_REQUEST_TIMEOUT_SECONDS * 1_000,
  };
}
