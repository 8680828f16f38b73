import { type Pacer, pointsPerMs } from './pacer.ts';

/** Answers of more bytes wait for their turn to be serialised. */
const largeBytes = 256 * 1024;
/** The bytes of JSON that are parsed, counted or serialised in a millisecond. */
const bytesPerMs = 300_000;

/**
 * Waits before an answer is serialised that was parsed or counted just now: a large one waits until other work has had
 * its turn (W3).
 *
 * @returns undefined where it may be serialised at once
 */
export function turnToSerialise(pacer: Pacer, key: string, bytes: number): Promise<void> | undefined {
  return bytes > largeBytes ? takeTwice(pacer, key, (bytes / bytesPerMs) * pointsPerMs) : undefined;
}

/** For what was done, and for as much again. */
async function takeTwice(pacer: Pacer, key: string, points: number): Promise<void> {
  await pacer.take(key, points);
  await pacer.take(key, points);
}
