import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { open, readdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { SocketFolder } from './claimSocket.ts';

/** The content of a claim's file. Nobody compares its numbers with a clock or a process of another machine. */
export interface ClaimText {
  readonly pid: number;
  readonly host: string;
  /** The running kernel: containers of one machine have it in common, and a restart of the machine changes it. */
  readonly kernel: string;
  /** Whether the claim has a socket that tells on this kernel whether its process lives. */
  readonly hasSocket: boolean;
  /** A claim is made first, and holds the folder once no other claim is older or lives on. */
  readonly state: 'claiming' | 'held';
  /** Rises for as long as the process lives. */
  readonly beat: number;
}

const claimPrefix = 'muster.lock.';
const socketPrefix = 'muster.sock.';
/** All texts have this length, so that a write replaces the one before as a whole. */
const textBytes = 1_024;

/** The kernel that this process runs on. */
export async function thisKernel(): Promise<string> {
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return id.trim() || hostname();
}

/** This process's claim to a folder: a file that says whose it is, with a heartbeat, and a socket. */
export class Claim {
  readonly token: string;
  readonly #path: string;
  readonly #socketPath: string;
  readonly #server: Server | undefined;
  #text: ClaimText;
  /** The last beat's end: the next one follows it. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(folder: string, token: string, server: Server | undefined, text: ClaimText) {
    this.token = token;
    this.#path = join(folder, claimPrefix + token);
    this.#socketPath = join(folder, socketPrefix + token);
    this.#server = server;
    this.#text = text;
  }

  /**
   * Makes a claim; its file appears as a whole, and after its socket listens.
   *
   * @throws ENOENT if another process got the folder meanwhile
   */
  static async make(folder: string, sockets: SocketFolder, kernel: string): Promise<Claim> {
    const token = randomBytes(8).toString('hex');
    const server = await sockets.listen(socketPrefix + token);
    const claim = new Claim(folder, token, server, {
      pid: process.pid,
      host: hostname(),
      kernel,
      hasSocket: server !== undefined,
      state: 'claiming',
      beat: 0,
    });
    const unfinished = join(folder, `muster.new.${token}`);
    try {
      await writeFile(unfinished, claim.#written());
      await rename(unfinished, claim.#path);
    } catch (error) {
      await claim.withdraw();
      throw error;
    }
    return claim;
  }

  /** Shows that the process lives. @throws ENOENT if another process has taken the claim for a dead one's. */
  beat(): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write({ beat: this.#text.beat + 1 }));
    return this.#writing;
  }

  /** Says that the folder is held. @throws ENOENT as `beat` does */
  hold(): Promise<void> {
    this.#writing = this.#writing.catch(() => {}).then(() => this.#write({ state: 'held' }));
    return this.#writing;
  }

  /** Whether the claim is still there. Synchronous, for what must not happen without it. */
  isThere(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false }) !== undefined;
  }

  async withdraw(): Promise<void> {
    await this.#writing.catch(() => {});
    await unlink(this.#path).catch(() => {});
    await new Promise<void>((resolve) => (this.#server ? this.#server.close(() => resolve()) : resolve()));
    await unlink(this.#socketPath).catch(() => {});
  }

  #written(): string {
    return JSON.stringify(this.#text).padEnd(textBytes);
  }

  async #write(change: Partial<ClaimText>): Promise<void> {
    this.#text = { ...this.#text, ...change };
    // The file must be there: a claim that was removed doesn't come back.
    const file = await open(this.#path, 'r+');
    try {
      await file.write(this.#written(), 0);
    } finally {
      await file.close();
    }
  }
}

/** A claim of another process, or what is left of one. */
export interface OtherClaim {
  readonly token: string;
  /** The file as it is; undefined if there is only a socket. */
  readonly raw: string | undefined;
  /** The file's content; undefined if a crash left it without any. */
  readonly text: ClaimText | undefined;
}

/** All claims to a folder but one's own. */
export async function otherClaims(folder: string, own: Claim): Promise<OtherClaim[]> {
  const tokens = new Set<string>();
  for (const name of await readdir(folder)) {
    const [, token] = /^muster\.(?:lock|sock)\.([0-9a-f]{16})$/.exec(name) ?? [];
    if (token !== undefined && token !== own.token) tokens.add(token);
  }
  return Promise.all(
    [...tokens].map(async (token) => {
      const raw = await readFile(join(folder, claimPrefix + token), 'utf8').catch(() => undefined);
      return { token, raw, text: raw === undefined ? undefined : parseClaim(raw) };
    }),
  );
}

/** The name of a claim's socket. */
export function socketOf({ token }: OtherClaim): string {
  return socketPrefix + token;
}

/** Removes what a dead process has left. */
export async function removeClaim(folder: string, { token }: OtherClaim): Promise<void> {
  for (const prefix of [claimPrefix, socketPrefix]) await unlink(join(folder, prefix + token)).catch(() => {});
}

/** Removes files of claims that were never made whole. A maker that lives fails to rename its file, and begins no hold. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('muster.new.'));
  await Promise.all(names.map((name) => unlink(join(folder, name)).catch(() => {})));
}

function parseClaim(raw: string): ClaimText | undefined {
  try {
    const { pid, host, kernel, hasSocket, state, beat } = JSON.parse(raw);
    const isState = state === 'claiming' || state === 'held';
    if (!Number.isInteger(pid) || typeof host !== 'string' || typeof kernel !== 'string' || !isState) return undefined;
    return { pid, host, kernel, hasSocket: hasSocket === true, state, beat: Number(beat) };
  } catch {
    return undefined;
  }
}
