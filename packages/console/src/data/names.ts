import { type ReadonlySignal, signal } from '@preact/signals';
import { namesOf } from '../generated/operations.ts';
import type { Client } from './client.ts';

/** Asks for the names of objects that texts name by their ids; those of one picture in one request. */
export interface Names {
  /** Moves when names have come to the entities. */
  readonly arrivals: ReadonlySignal<number>;
  ask(id: string): void;
}

export function createNames(client: Pick<Client, 'request'>): Names {
  const arrivals = signal(0);
  const waiting = new Set<string>();

  async function ask(): Promise<void> {
    const ids = [...waiting];
    waiting.clear();
    try {
      await client.request(namesOf, { ids });
      arrivals.value++;
    } catch {
      // An id stands where a name can't be read.
    }
  }

  return {
    arrivals,
    ask: (id) => {
      if (waiting.size === 0) queueMicrotask(() => void ask());
      waiting.add(id);
    },
  };
}
