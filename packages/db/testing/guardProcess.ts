import { createInterface } from 'node:readline';

/*
 * Runs as a separate process. Standard input says which processes to watch; its end is the end of the worker that
 * writes there, after which nothing that is still watched may live.
 */
const watched = new Map<number, NodeJS.Signals>();

// A terminal's Ctrl-C, and a CI's stop, reach the worker too, and end the input.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [word, pid, signal] = line.split(' ');
  if (word === 'watch') watched.set(Number(pid), signal as NodeJS.Signals);
  else watched.delete(Number(pid));
}
for (const [pid, signal] of watched) {
  // First the group, for the children of a process that leads one.
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
    } catch {
      // There is no such group, or the process has ended.
    }
  }
}
