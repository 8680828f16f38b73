import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import type { Client } from '../../data/client.ts';
import type { ReadState } from '../../data/useRead.ts';
import { type FleetCountsQuery, stateEvents } from '../../generated/operations.ts';
import { appended, type Counts, historyMs, rewind, type Sample, type StateStep } from './stateHistory.ts';

/** The most events that the past is made of: 100 a page. */
const mostPages = 5;

/** The counts of the last minutes. */
export interface StateHistory {
  readonly supervisors: readonly Sample[];
  readonly plugins: readonly Sample[];
}

/** The counts of the past, made from the events before the first answer, and from each answer since. */
export function useStateHistory(counts: ReadonlySignal<ReadState<FleetCountsQuery>>): ReadonlySignal<StateHistory> {
  const { client } = useServices();
  const history = useMemo(() => signal<StateHistory>({ supervisors: [], plugins: [] }), []);
  useEffect(() => {
    const closing = new AbortController();
    let isBegun = false;
    const stop = counts.subscribe((state) => {
      if (state.kind !== 'ready') return;
      const now = Date.now();
      const supervisors = countsOf(state.result.supervisorStats);
      const plugins = countsOf(state.result.pluginStats);
      const before = history.peek();
      history.value = {
        supervisors: appended(before.supervisors, { at: now, counts: supervisors }),
        plugins: appended(before.plugins, { at: now, counts: plugins }),
      };
      if (isBegun) return;
      isBegun = true;
      readSteps(client, now, closing.signal).then(
        (steps) => {
          const since = history.peek();
          history.value = {
            supervisors: [...rewind(supervisors, now, stepsOf(steps, 'SUPERVISOR')), ...since.supervisors.slice(1)],
            plugins: [...rewind(plugins, now, stepsOf(steps, 'PLUGIN')), ...since.plugins.slice(1)],
          };
        },
        () => {
          // The charts begin now, then.
        },
      );
    });
    return () => {
      closing.abort();
      stop();
    };
  }, [client, counts, history]);
  return history;
}

/** Counts by state. */
export function countsOf(stats: readonly { state: string | null; count: number }[] | null): Counts {
  return Object.fromEntries((stats ?? []).map(({ state, count }) => [state ?? 'NONE', count]));
}

type KindedStep = StateStep & { readonly kind: string };

const stepsOf = (steps: readonly KindedStep[], family: 'SUPERVISOR' | 'PLUGIN') =>
  steps.filter(({ kind }) => kind.startsWith(family));

/** The changes of states before now, the newest first. */
async function readSteps(client: Client, now: number, aborted: AbortSignal): Promise<readonly KindedStep[]> {
  const steps: KindedStep[] = [];
  let before: string | null = null;
  for (let page = 0; page < mostPages; page++) {
    const { events }: Awaited<ReturnType<typeof readPage>> = await readPage(client, before, aborted);
    const nodes = events?.nodes ?? [];
    steps.push(...nodes.filter(({ at }) => Date.parse(at) <= now).toReversed());
    const oldest = nodes[0];
    if (!events?.pageInfo.hasPreviousPage || !oldest || Date.parse(oldest.at) < now - historyMs) break;
    before = events.pageInfo.startCursor;
  }
  return steps.filter(({ at }) => Date.parse(at) >= now - historyMs);
}

const readPage = (client: Client, before: string | null, aborted: AbortSignal) =>
  client.request(stateEvents, { before }, aborted);
