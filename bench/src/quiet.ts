import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from './benchError.ts';
import { cpuSeconds } from './procfs.ts';

const lookEveryMs = 250;
const quietLooks = 4;
const giveUpAfterMs = 120_000;
/** CPU share of an idle server, for timers and keep-alives. */
const idleShare = 0.05;

/** Waits until a process has been idle for a second, so that its work is done. */
export async function untilQuiet(pid: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + giveUpAfterMs;
  let last = await cpuSeconds(pid);
  for (let looks = 0; looks < quietLooks; ) {
    if (Date.now() > deadline) throw new BenchError(`the server (pid ${pid}) did not become quiet`);
    await sleep(lookEveryMs, undefined, { signal });
    const now = await cpuSeconds(pid);
    looks = now - last <= (idleShare * lookEveryMs) / 1_000 ? looks + 1 : 0;
    last = now;
  }
}
