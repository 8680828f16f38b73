import type { DomainError } from '../base/errors.ts';
import { rightEnded } from './rightEnded.ts';
import type { Viewer } from './viewer.ts';

/** E6: a stream or a connection ends when its viewer's right to it ends. */
export interface Rights {
  /**
   * Calls `onEnd` once, with the reason, when the viewer's right ends; at once if it has ended already. Call once per
   * stream. Returns how to stop watching.
   */
  watch(viewer: Viewer, onEnd: (why: DomainError) => void): () => void;
  /** The ids of the API keys whose rights are watched. */
  readonly keyIds: ReadonlySet<string>;
  /** Ends everything that goes on by the right of this API key. */
  revoke(keyId: string): void;
  /** Ends everything that goes on without a credential: the server asks for credentials now (A5). */
  closeOpen(): void;
  /** Ends nothing, and stops watching. */
  close(): void;
}

/** @param now milliseconds since 1970 */
export function createRights(now: () => number): Rights {
  return new WatchedRights(now);
}

/** One right, and the callbacks of all that goes on by it. */
interface Right {
  readonly onEnds: Set<(why: DomainError) => void>;
  /** Stops waiting for the right's expiry. */
  readonly stop: () => void;
}

/** Timers can't wait longer. */
const longestTimerMs = 2_147_483_647;

class WatchedRights implements Rights {
  readonly #now: () => number;
  /** By `rightKey`. */
  readonly #rights = new Map<string, Right>();
  /** The rights of each API key; a key whose expiry changed has several. */
  readonly #rightKeysByKeyId = new Map<string, Set<string>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get keyIds(): ReadonlySet<string> {
    return new Set(this.#rightKeysByKeyId.keys());
  }

  watch(viewer: Viewer, onEnd: (why: DomainError) => void): () => void {
    const expiresAtMs = viewer.credential?.expiresAtMs ?? null;
    if (expiresAtMs !== null && expiresAtMs <= this.#now()) {
      onEnd(rightEnded.expired());
      return () => {};
    }
    const key = rightKey(viewer);
    const right = this.#rights.get(key) ?? this.#open(key, viewer);
    // Wrapped, so that the same function may be passed twice.
    const callback = (why: DomainError) => onEnd(why);
    right.onEnds.add(callback);
    return () => {
      right.onEnds.delete(callback);
      if (right.onEnds.size === 0 && this.#rights.get(key) === right) this.#remove(key, right);
    };
  }

  revoke(keyId: string): void {
    for (const key of [...(this.#rightKeysByKeyId.get(keyId) ?? [])]) this.#end(key, rightEnded.revoked());
  }

  closeOpen(): void {
    this.#end(rightKey({}), rightEnded.closed());
  }

  close(): void {
    for (const { stop } of this.#rights.values()) stop();
    this.#rights.clear();
  }

  #open(key: string, { credential }: Viewer): Right {
    const stopTimer = callAt(credential?.expiresAtMs ?? null, this.#now, () => this.#end(key, rightEnded.expired()));
    const forgetKeyId = this.#rememberKeyId(credential?.keyId ?? null, key);
    const right = {
      onEnds: new Set<(why: DomainError) => void>(),
      stop: () => {
        stopTimer();
        forgetKeyId();
      },
    };
    this.#rights.set(key, right);
    return right;
  }

  #rememberKeyId(keyId: string | null, key: string): () => void {
    if (keyId === null) return () => {};
    const keys = this.#rightKeysByKeyId.get(keyId) ?? new Set<string>();
    this.#rightKeysByKeyId.set(keyId, keys.add(key));
    return () => {
      keys.delete(key);
      if (keys.size === 0) this.#rightKeysByKeyId.delete(keyId);
    };
  }

  #remove(key: string, right: Right): void {
    this.#rights.delete(key);
    right.stop();
  }

  #end(key: string, why: DomainError): void {
    const right = this.#rights.get(key);
    if (!right) return;
    this.#remove(key, right);
    for (const onEnd of right.onEnds) onEnd(why);
  }
}

/** The same token, or the same API key, gives the same right. */
function rightKey({ credential }: Pick<Viewer, 'credential'>): string {
  return credential ? JSON.stringify([credential.id, credential.keyId, credential.expiresAtMs]) : 'open';
}

/** Calls `work` once `timeMs` has come; returns how to cancel. */
function callAt(timeMs: number | null, now: () => number, work: () => void): () => void {
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
