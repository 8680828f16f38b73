import type { DomainError } from '../base/errors.ts';
import { rightEnded } from './refusal.ts';
import type { Viewer } from './viewer.ts';

/** E6: what goes on for long, a stream or a connection, ends when its viewer's right to it ends. */
export interface Rights {
  /**
   * Calls `onEnd` once, with why, when the viewer's right ends; at once where it has ended already. Returns how to stop
   * waiting for that. Must be told of each stream apart: `onEnd` is called for each.
   */
  watch(viewer: Viewer, onEnd: (why: DomainError) => void): () => void;
  /** The ids of the API keys by whose right anything goes on. */
  readonly keyIds: ReadonlySet<string>;
  /** Ends all that goes on by the right of this API key. */
  revoke(keyId: string): void;
  /** Ends all that goes on without a credential: the server has one to ask for now (A5). */
  closeOpen(): void;
  /** Ends nothing, and waits no longer. */
  close(): void;
}

/** One right, and what goes on by it. */
interface Right {
  readonly ends: Set<(why: DomainError) => void>;
  readonly stop: () => void;
}

/** Timers can't wait any longer at once. */
const longestTimerMs = 2_147_483_647;

/** @param now milliseconds since 1970 */
export function createRights(now: () => number): Rights {
  const rights = new Map<string, Right>();
  const keyIds = new Map<string, Set<string>>();

  function end(name: string, why: DomainError): void {
    const right = rights.get(name);
    if (!right) return;
    rights.delete(name);
    right.stop();
    for (const onEnd of right.ends) onEnd(why);
  }

  function open(name: string, { credential }: Viewer): Right {
    const stopTimer = atTime(credential?.expiresAtMs ?? null, now, () => end(name, rightEnded.expired()));
    const keyId = credential?.keyId ?? null;
    if (keyId !== null) keyIds.set(keyId, (keyIds.get(keyId) ?? new Set<string>()).add(name));
    return {
      ends: new Set(),
      stop: () => {
        stopTimer();
        if (keyId === null) return;
        const names = keyIds.get(keyId);
        names?.delete(name);
        if (names?.size === 0) keyIds.delete(keyId);
      },
    };
  }

  return {
    watch: (viewer, onEnd) => {
      const expiresAtMs = viewer.credential?.expiresAtMs ?? null;
      if (expiresAtMs !== null && expiresAtMs <= now()) {
        onEnd(rightEnded.expired());
        return () => {};
      }
      const name = nameOf(viewer);
      const right = rights.get(name) ?? open(name, viewer);
      rights.set(name, right);
      // Its own, so that the same function may be given twice.
      const own = (why: DomainError) => onEnd(why);
      right.ends.add(own);
      return () => {
        right.ends.delete(own);
        if (right.ends.size > 0 || rights.get(name) !== right) return;
        rights.delete(name);
        right.stop();
      };
    },
    get keyIds() {
      return new Set(keyIds.keys());
    },
    revoke: (keyId) => {
      for (const name of [...(keyIds.get(keyId) ?? [])]) end(name, rightEnded.revoked());
    },
    closeOpen: () => end(nameOf({}), rightEnded.closed()),
    close: () => {
      for (const { stop } of rights.values()) stop();
      rights.clear();
    },
  };
}

/** The same token, or the same key, gives the same right. */
function nameOf({ credential }: Pick<Viewer, 'credential'>): string {
  return credential ? JSON.stringify([credential.id, credential.keyId, credential.expiresAtMs]) : 'open';
}

function atTime(timeMs: number | null, now: () => number, work: () => void): () => void {
  if (timeMs === null) return () => {};
  let timer: NodeJS.Timeout;
  const wait = () => {
    const left = timeMs - now();
    timer = left > 0 ? setTimeout(wait, Math.min(left, longestTimerMs)) : setTimeout(work, 0);
    timer.unref();
  };
  wait();
  return () => clearTimeout(timer);
}
