import { copyFile, open, rename, rm, stat, truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogOptions } from '../driver.ts';
import { createTurns } from '../turns.ts';

/** How large a log grows, and how many of them are kept, the current one among them (G9). */
const maxBytes = 10 * 1024 * 1024;
const maxFiles = 3;
/** How often a log that is followed is read. */
const followMs = 200;

/** The logs of processes, which go on writing whether the agent lives or not. */
export interface LogFiles {
  /**
   * Moves a log aside once it is large. Its writer holds it open and appends, so it is copied and emptied: a line that is
   * written between the two is lost.
   */
  rotate(file: string): Promise<void>;
  /** The last lines of a log; then, where asked, those that come until the signal aborts or nobody writes any more. */
  read(file: string, options: LogOptions, isWriting: () => Promise<boolean>): AsyncGenerator<string, void>;
}

/** Where a reader is in a log. */
interface Place {
  /** How often the log had been moved aside. */
  readonly rotations: number;
  /** The byte to go on from. */
  readonly byte: number;
}

/** The logs that one driver rotates and reads; a rotation and a read of one log come one after the other. */
export function createLogFiles(): LogFiles {
  const inTurn = createTurns();
  const rotations = new Map<string, number>();
  const rotationsOf = (file: string) => rotations.get(file) ?? 0;

  const readMore = (file: string, from: Place) =>
    inTurn(file, async () => {
      const isMoved = rotationsOf(file) > from.rotations;
      const moved = isMoved ? (await readFrom(`${file}.1`, from.byte)).text : '';
      const { text, end } = await readFrom(file, isMoved ? 0 : from.byte);
      return { text: moved + text, place: { rotations: rotationsOf(file), byte: end } };
    });

  const readTail = (file: string, tail: number) =>
    inTurn(file, async () => {
      const { text, end } = await readFrom(file, 0);
      const isShort = text.split('\n').length <= tail;
      // Just after a rotation the log would else seem empty.
      const before = isShort ? (await readFrom(`${file}.1`, 0)).text : '';
      return { text: before + text, place: { rotations: rotationsOf(file), byte: end } };
    });

  return {
    rotate: (file) =>
      inTurn(file, async () => {
        if ((await stat(file)).size <= maxBytes) return;
        for (let index = maxFiles - 1; index > 1; index -= 1) {
          await rename(`${file}.${index - 1}`, `${file}.${index}`).catch(() => {});
        }
        await rm(`${file}.1`, { force: true });
        await copyFile(file, `${file}.1`);
        await truncate(file);
        rotations.set(file, rotationsOf(file) + 1);
      }),
    read: async function* (file, { tail, follow, signal }, isWriting) {
      const first = await readTail(file, tail);
      const lines = first.text.split('\n');
      let rest = lines.pop() ?? '';
      if (tail > 0) yield* lines.slice(-tail);
      let { place } = first;
      for (let isOver = !follow; !isOver && !signal?.aborted; ) {
        await sleep(followMs, undefined, signal ? { signal } : {}).catch(() => {});
        // Asked first, so that all that it wrote is read afterwards.
        isOver = !(await isWriting());
        const more = await readMore(file, place);
        place = more.place;
        const complete = (rest + more.text).split('\n');
        rest = complete.pop() ?? '';
        yield* complete;
      }
      if (rest !== '') yield rest;
    },
  };
}

/** The text of a file from a byte on; empty where there is no file. */
async function readFrom(file: string, start: number): Promise<{ text: string; end: number }> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return { text: '', end: 0 };
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return { text: buffer.toString('utf8', 0, bytesRead), end: start + bytesRead };
  } finally {
    await handle.close();
  }
}
