import type { PluginRowFragment } from '../../generated/operations.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { pluginStates, unwantedLook } from '../../ui/states.ts';

/** The state of a plugin, and whether it is on its way out. */
export function PluginBadges({ row: { state, wanted, managed, pinned } }: { readonly row: PluginRowFragment }) {
  return (
    <span class="badges">
      <StateBadge look={pluginStates[state]} />
      {!wanted && <StateBadge look={unwantedLook} />}
      {!managed && <span class="tag">Unmanaged</span>}
      {pinned && <span class="tag">Pinned</span>}
    </span>
  );
}
