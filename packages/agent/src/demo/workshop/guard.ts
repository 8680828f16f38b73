import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesBelow } from './processes.ts';
import { folderPrefix } from './workshopFolder.ts';

/*
 * A process of the demo's own, which outlives it for a moment. Standard input ends when the demo does, however it ends: then
 * everything that writes below the folder is killed, and the folder removed. Plugins outlive their agents by design, so
 * nobody else would end them.
 */
const [, , folder = ''] = process.argv;
if (!basename(folder).startsWith(folderPrefix)) throw new Error(`expected a folder of the demo; got ${folder}`);

// Ctrl-C reaches the demo, too, whose end is what counts.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.resume();
await once(process.stdin, 'close');
// An agent that is just starting a plugin may do so until it is dead itself.
for (let left = await processesBelow(folder); left.length > 0; left = await processesBelow(folder)) {
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  await sleep(20);
}
await rm(folder, { recursive: true, force: true });
