import type { ReadonlySignal } from '@preact/signals';
import { Icon } from '../../ui/Icon.tsx';
import { pluginStates } from '../../ui/states.ts';
import { pluginStateNames } from '../plugins/pluginQuery.ts';
import type { PluginCounts } from './usePluginCounts.ts';

interface PluginCountsCellProps {
  readonly id: string;
  readonly counts: ReadonlySignal<PluginCounts>;
}

/** The plugins of one supervisor: how many are in which state. */
export function PluginCountsCell({ id, counts }: PluginCountsCellProps) {
  const own = counts.value.get(id);
  if (own === undefined) return <span class="muted">–</span>;
  return (
    <span class="plugin-counts">
      {pluginStateNames.flatMap((state) => {
        const count = own.get(state);
        if (!count) return [];
        const { tone, icon, word } = pluginStates[state];
        return (
          <span key={state} class="state" data-tone={tone} title={word}>
            <Icon of={icon} size={14} />
            {count}
            <span class="hidden"> {word}</span>
          </span>
        );
      })}
    </span>
  );
}
