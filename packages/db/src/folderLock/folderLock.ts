import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSetupError } from '../setup/setupError.ts';
import {
  Claim,
  type ClaimText,
  type OtherClaim,
  otherClaims,
  removeClaim,
  removeUnfinished,
  socketOf,
  thisKernel,
} from './claim.ts';
import { SocketFolder } from './claimSocket.ts';

/** A folder that is locked for this process. */
export interface FolderLock {
  /**
   * Refuses to go on without the lock. A process that was stopped for longer than others wait, on a network volume, has
   * lost it.
   *
   * @throws FolderLostError
   */
  assertHeld(): void;
  release(): Promise<void>;
}

export interface FolderLockOptions {
  /** How often the holder shows that it lives, in milliseconds. */
  readonly beatMs?: number;
  /** How long the holder on another machine may show nothing until it counts as dead, in milliseconds. */
  readonly silentMs?: number;
  /** Which kernel this is; by default the running one. */
  readonly kernel?: string;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** Called once, with a message that says why this takes time. */
  onWait?(message: string): void;
  /** Called once, when the lock was lost. */
  onLost?(error: FolderLostError): void;
}

/** Another process has taken the folder, since this one showed no life for too long. */
export class FolderLostError extends Error {
  override readonly name = 'FolderLostError';
}

const beatMs = 2_000;
/** A statement of an embedded database keeps its process from showing life, so this is long. */
const silentMs = 30_000;
const pollMs = 20;

/**
 * O1: locks `folder` (created if missing) for this process, so that two processes never write the same PGlite cluster,
 * whatever their namespaces, their machines' clocks and their numbers are.
 *
 * Each process that wants the folder makes a claim first, and then looks at the others' claims. One that is held refuses it;
 * of two that are being made, that with the lower token goes on. On one kernel a claim lives while its socket does. A claim
 * of another kernel, over a network volume or from before a restart, lives while its heartbeat goes on: to see that none
 * does takes `silentMs`.
 *
 * @throws DatabaseSetupError if another living process has the folder.
 */
export async function lockFolder(folder: string, options: FolderLockOptions = {}): Promise<FolderLock> {
  await mkdir(folder, { recursive: true });
  const sockets = await SocketFolder.open(folder);
  try {
    const kernel = options.kernel ?? (await thisKernel());
    const claim = await Claim.make(folder, sockets, kernel);
    return await hold(folder, sockets, claim, { beatMs, silentMs, ...options, kernel });
  } catch (error) {
    await sockets.close();
    throw isMissing(error) ? inUse(folder, undefined) : error;
  }
}

type Settings = FolderLockOptions & Required<Pick<FolderLockOptions, 'beatMs' | 'silentMs' | 'kernel'>>;

async function hold(folder: string, sockets: SocketFolder, claim: Claim, settings: Settings): Promise<FolderLock> {
  let lost: FolderLostError | undefined;
  let beatAt = performance.now();
  let isHeld = false;
  const lose = () => {
    if (lost || !isHeld) return;
    lost = new FolderLostError(`another process has taken the folder ${folder}, since this one stood still`);
    settings.onLost?.(lost);
  };
  const beating = setInterval(() => {
    claim.beat().then(
      () => {
        beatAt = performance.now();
      },
      (error: unknown) => {
        if (isMissing(error)) lose();
      },
    );
  }, settings.beatMs).unref();
  const release = async () => {
    clearInterval(beating);
    await claim.withdraw();
    await sockets.close();
  };
  try {
    await outliveOthers(folder, sockets, claim, settings);
    await claim.hold();
    isHeld = true;
    await removeRemains(folder, sockets, claim);
  } catch (error) {
    clearInterval(beating);
    await claim.withdraw();
    throw error;
  }
  return {
    assertHeld: () => {
      if (!lost && performance.now() - beatAt > settings.silentMs / 2 && !claim.isThere()) lose();
      if (lost) throw lost;
    },
    release,
  };
}

/** Waits until no other claim is left. @throws DatabaseSetupError if one holds the folder or goes first */
async function outliveOthers(folder: string, sockets: SocketFolder, claim: Claim, settings: Settings): Promise<void> {
  const judge = new Judge(sockets, settings);
  let hasTold = false;
  for (;;) {
    const others = await otherClaims(folder, claim);
    const looks = await Promise.all(others.map(async (other) => ({ other, verdict: await judge.look(other) })));
    for (const { other, verdict } of looks) {
      if (verdict === 'dead' && other.raw !== undefined) await removeClaim(folder, other);
      if (verdict === 'alive') refuseAfter(folder, other, claim);
    }
    if (looks.every(({ verdict }) => verdict === 'dead')) return;
    if (!hasTold && looks.some(({ verdict }) => verdict === 'unsure')) {
      hasTold = true;
      settings.onWait?.(
        `MUSTER_DATA_DIR: the folder ${folder} was in use on another machine, or before a restart of this one; waiting for up to ${settings.silentMs / 1_000} s to see whether it still is`,
      );
    }
    await delay(pollMs, undefined, { signal: settings.signal });
  }
}

/** Gives way to a claim that holds the folder, or that is being made and goes first. @throws DatabaseSetupError */
function refuseAfter(folder: string, { token, text }: OtherClaim, own: Claim): void {
  if (text && (text.state === 'held' || token < own.token)) throw inUse(folder, text);
}

/**
 * Removes the remains of processes that were killed while they made a claim. A process that is making one just now finds
 * its file missing, or sees that the folder is held.
 */
async function removeRemains(folder: string, sockets: SocketFolder, claim: Claim): Promise<void> {
  await removeUnfinished(folder);
  for (const other of await otherClaims(folder, claim)) {
    const isRemnant = other.raw === undefined && (await sockets.ask(socketOf(other))) === 'dead';
    if (isRemnant) await removeClaim(folder, other);
  }
}

/** Tells which claims are those of living processes. */
class Judge {
  readonly #sockets: SocketFolder;
  readonly #settings: Settings;
  /** Claims that no socket tells of: their files as last seen, since when, and whether they have changed since the first look. */
  readonly #watched = new Map<string, { raw: string | undefined; since: number; hasMoved: boolean }>();

  constructor(sockets: SocketFolder, settings: Settings) {
    this.#sockets = sockets;
    this.#settings = settings;
  }

  async look(other: OtherClaim): Promise<'alive' | 'dead' | 'unsure'> {
    const answer = await this.#sockets.ask(socketOf(other));
    // Without a file, it is being made.
    if (answer === 'alive') return 'alive';
    const { raw, text } = other;
    if (answer === 'dead' && (raw === undefined || (text?.hasSocket && text.kernel === this.#settings.kernel))) {
      return 'dead';
    }
    const watched = this.#watched.get(other.token) ?? { raw, since: performance.now(), hasMoved: false };
    this.#watched.set(other.token, watched);
    if (raw !== watched.raw) Object.assign(watched, { raw, since: performance.now(), hasMoved: true });
    if (performance.now() - watched.since > this.#settings.silentMs) return 'dead';
    return watched.hasMoved && text !== undefined ? 'alive' : 'unsure';
  }
}

function inUse(folder: string, holder: ClaimText | undefined): DatabaseSetupError {
  const by = holder ? `process ${holder.pid} on the host ${holder.host}` : 'another process';
  return new DatabaseSetupError(
    `MUSTER_DATA_DIR: the folder ${folder} is in use by ${by}; stop that process, or choose another folder`,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
