import { RequestError } from '@muster/client';
import { errorMessage } from '../errorMessage.ts';

/** How the server last answered, for the status on the host (G6). */
export interface ServerLink {
  /** NEVER: not yet. CONNECTED: the last publish was taken. REFUSED: the server says no, such as to an agent that it no longer knows. AWAY: it doesn't answer. */
  readonly state: 'NEVER' | 'CONNECTED' | 'REFUSED' | 'AWAY';
  /** The error's code and words; null where there is none. */
  readonly error: string | null;
  /** Since when the state is so, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** When the server last took a report; null: never since the start. */
  readonly publishedAtMs: number | null;
  /** The supervisor's id and state, as the server last said; null: not since the start. */
  readonly supervisor: { readonly id: string; readonly state: string } | null;
}

/** The link before the first publish. */
export function newLink(): ServerLink {
  return { state: 'NEVER', error: null, sinceMs: Date.now(), publishedAtMs: null, supervisor: null };
}

/** The link after a report was taken. */
export function linkTaken(link: ServerLink, supervisor: { id: string; state: string }): ServerLink {
  const nowMs = Date.now();
  const sinceMs = link.state === 'CONNECTED' ? link.sinceMs : nowMs;
  return { state: 'CONNECTED', error: null, sinceMs, publishedAtMs: nowMs, supervisor };
}

/** A7: a newcomer's key is shown once. Where its answer was lost, nobody but an operator can help. */
const lostKey =
  'where the host is known, its own key was lost before it was kept: deregister the supervisor, and it enrolls again, or make it a key for server.tokenFile';

/**
 * The link after a publish that failed.
 *
 * @param isEnrolling whether it was sent with an enrollment key
 */
export function linkFailed(link: ServerLink, error: unknown, isEnrolling: boolean): ServerLink {
  const isAway = error instanceof RequestError && error.isTransient;
  const state = isAway ? 'AWAY' : 'REFUSED';
  const words = error instanceof RequestError ? `${error.code}: ${error.message}` : errorMessage(error);
  const isLost = isEnrolling && error instanceof RequestError && error.code === 'FORBIDDEN';
  return {
    ...link,
    state,
    error: isLost ? `${words}; ${lostKey}` : words,
    sinceMs: link.state === state ? link.sinceMs : Date.now(),
  };
}
