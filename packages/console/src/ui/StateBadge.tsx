import { Icon } from './Icon.tsx';
import type { StateLook } from './states.ts';

/** A state, by colour, shape and word. */
export function StateBadge({ look: { tone, icon, word } }: { readonly look: StateLook }) {
  return (
    <span class="state" data-tone={tone}>
      <Icon of={icon} size={14} />
      {word}
    </span>
  );
}
