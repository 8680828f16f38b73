import { computed, type ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { type ReadState, useRead } from '../../data/useRead.ts';
import { type PluginCountsQuery, type PluginState, pluginCounts } from '../../generated/operations.ts';

const refreshMs = 2_000;

/** How many plugins of a supervisor are in which state. */
export type PluginCounts = ReadonlyMap<string, ReadonlyMap<PluginState, number>>;

/** The plugins of supervisors, by supervisor and state. @param ids the supervisors on the page */
export function usePluginCounts(ids: readonly string[]): ReadonlySignal<PluginCounts> {
  const supervisorIds = ids.toSorted();
  const tick = useChangeTick(refreshMs, { supervisors: null, plugins: { supervisorId: { in: supervisorIds } } });
  const { state } = useRead(pluginCounts, { supervisorIds }, tick);
  return useMemo(() => computed(() => countsIn(state.value)), [state]);
}

function countsIn(state: ReadState<PluginCountsQuery>): PluginCounts {
  const stats = state.kind === 'ready' ? (state.result.pluginStats ?? []) : [];
  const grouped = Map.groupBy(stats, ({ supervisorId }) => supervisorId ?? '');
  return new Map(
    [...grouped].map(([id, rows]) => [id, new Map(rows.map(({ state: each, count }) => [each ?? 'NONE', count]))]),
  );
}
