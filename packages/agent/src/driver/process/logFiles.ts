import { copyFile, open, rename, rm, stat, truncate } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogOptions } from '../driver.ts';
import { createTurns } from '../turns.ts';

/** How large a log grows, and how many of them are kept, the current one among them (G9). */
const maxBytes = 10 * 1024 * 1024;
const maxFiles = 3;
/** How much is read at a time: a log is larger where a plugin writes much between two looks. */
const mostReadBytes = 64 * 1024 * 1024;
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

  const readMore = (file: string, { rotations: seen, byte }: Place) =>
    inTurn(file, async () => {
      // The place is by now in the file that was moved so often, unless that is gone.
      const moves = rotationsOf(file) - seen;
      const parts: Buffer[] = [];
      for (let index = Math.min(moves, maxFiles - 1); index > 0; index -= 1) {
        parts.push((await readFrom(`${file}.${index}`, index === moves ? byte : 0)).content);
      }
      const now = await readFrom(file, moves === 0 ? byte : 0);
      const place = { rotations: rotationsOf(file), byte: now.end };
      return { content: Buffer.concat([...parts, now.content]), place };
    });

  const readTail = (file: string, tail: number) =>
    inTurn(file, async () => {
      const now = await readFrom(file, 0);
      const isShort = now.content.toString().split('\n').length <= tail;
      // Just after a rotation the log would else seem empty.
      const before = isShort ? [(await readFrom(`${file}.1`, 0)).content] : [];
      const place = { rotations: rotationsOf(file), byte: now.end };
      return { content: Buffer.concat([...before, now.content]), place };
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
      let { place } = first;
      let { lines, rest } = splitLines(first.content);
      const begun = follow || rest.length === 0 ? [] : [rest.toString()];
      if (tail > 0) yield* [...lines, ...begun].slice(-tail);
      for (let isOver = !follow; !isOver && !signal?.aborted; ) {
        await sleep(followMs, undefined, signal ? { signal } : {}).catch(() => {});
        // Asked first, so that all that it wrote is read afterwards.
        isOver = !(await isWriting());
        const more = await readMore(file, place);
        place = more.place;
        ({ lines, rest } = splitLines(Buffer.concat([rest, more.content])));
        yield* lines;
      }
      if (follow && rest.length > 0) yield rest.toString();
    },
  };
}

/** The lines that are whole, and the bytes of the one that isn't: it may end within a character. */
function splitLines(content: Buffer): { lines: string[]; rest: Buffer } {
  const end = content.lastIndexOf('\n');
  if (end === -1) return { lines: [], rest: content };
  return { lines: content.toString('utf8', 0, end).split('\n'), rest: content.subarray(end + 1) };
}

/** The bytes of a file from one on, the last 64 MiB of them at most, and where they end; none where there is no file. */
async function readFrom(file: string, start: number): Promise<{ content: Buffer; end: number }> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return { content: Buffer.alloc(0), end: 0 };
  try {
    const { size } = await handle.stat();
    const from = Math.max(start, size - mostReadBytes);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return { content: buffer.subarray(0, bytesRead), end: from + bytesRead };
  } finally {
    await handle.close();
  }
}
