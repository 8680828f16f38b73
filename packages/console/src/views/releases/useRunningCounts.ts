import type { ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { useRead } from '../../data/useRead.ts';
import { type ReleaseRowFragment, runningVersions } from '../../generated/operations.ts';

/**
 * How many plugins run in each version of some software.
 *
 * @param pluginIds the software; the same array while nothing changes
 * @param tick moves when that may have changed
 * @returns the count of a release; undefined while it isn't known
 */
export function useRunningCounts(
  pluginIds: readonly string[],
  tick: ReadonlySignal<unknown>,
): (release: Pick<ReleaseRowFragment, 'pluginId' | 'version'>) => number | undefined {
  const filter = useMemo(() => ({ pluginId: { in: pluginIds } }), [pluginIds]);
  const state = useRead(runningVersions, { filter }, tick).state.value;
  if (state.kind !== 'ready') return () => undefined;
  const counts = new Map(state.result.pluginStats?.map((stat) => [`${stat.pluginId} ${stat.version}`, stat.count]));
  return ({ pluginId, version }) => counts.get(`${pluginId} ${version}`) ?? 0;
}
