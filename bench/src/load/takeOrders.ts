import type { LoadOrder, LoadResult, LoadWord } from './loadProtocol.ts';

/** Serves the bench's orders in the process that makes the load, one after the other. */
export function takeOrders(run: (order: LoadOrder) => Promise<LoadResult>): void {
  process.on('message', (order: LoadOrder) => {
    run(order).then(
      (result) => say({ kind: 'done', result }),
      (error: unknown) => say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
    );
  });
  say({ kind: 'ready' });
}

function say(word: LoadWord): void {
  process.send?.(word);
}
