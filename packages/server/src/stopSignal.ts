import type { Log } from './observe/log.ts';

/** From the signal until the process is forced to end. */
const stopWithinMs = 10_000;

/**
 * O15: the signal that comes with the first SIGTERM, SIGINT or SIGHUP. The process is ended by force 10 s later,
 * or by a second one.
 */
export function stopSignal(log: Log): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stopping.signal.aborted) {
        log.fatal(`${name} again: not waiting any longer`);
        process.exit(1);
      }
      log.info(`${name}: stopping`);
      setTimeout(() => {
        log.fatal(`not stopped ${stopWithinMs / 1_000} s after ${name}: not waiting any longer`);
        process.exit(1);
      }, stopWithinMs).unref();
      stopping.abort();
    });
  }
  return stopping.signal;
}
