import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { eventCounts } from '../../generated/operations.ts';

/** The events of one minute. */
export interface Minute {
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  readonly all: number;
  readonly failures: number;
}

const minuteMs = 60_000;
const minutes = 15;

/**
 * The number of events in each of the last 15 minutes, the present one last. Minutes that are over are asked for once.
 *
 * @param tick asks for the present one again whenever it moves
 */
export function useEventRate(tick: ReadonlySignal<number>): ReadonlySignal<readonly Minute[]> {
  const { client } = useServices();
  const rate = useMemo(() => signal<readonly Minute[]>([]), []);
  useEffect(() => {
    const closing = new AbortController();
    const known = new Map<number, Minute>();
    let isAsking = false;

    async function ask(at: number): Promise<void> {
      const from = new Date(at).toISOString();
      const to = new Date(at + minuteMs).toISOString();
      const { all, failures } = await client.request(eventCounts, { from, to }, closing.signal);
      known.set(at, { at, all: all?.totalCount ?? 0, failures: failures?.totalCount ?? 0 });
    }

    async function refresh(): Promise<void> {
      if (isAsking) return;
      isAsking = true;
      const present = Math.floor(Date.now() / minuteMs) * minuteMs;
      const wanted = Array.from({ length: minutes }, (_, index) => present - (minutes - 1 - index) * minuteMs);
      // The minute before may have been asked for before it was over.
      const missing = wanted.filter((at) => at >= present - minuteMs || !known.has(at));
      await Promise.allSettled(missing.map(ask));
      isAsking = false;
      if (!closing.signal.aborted) rate.value = wanted.flatMap((at) => known.get(at) ?? []);
    }

    const stop = tick.subscribe(() => void refresh());
    return () => {
      closing.abort();
      stop();
    };
  }, [client, rate, tick]);
  return rate;
}
