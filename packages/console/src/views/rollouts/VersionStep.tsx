import type { RolloutRowFragment } from '../../generated/operations.ts';

/** From which version to which. */
export function VersionStep({ row: { from, to } }: { readonly row: Pick<RolloutRowFragment, 'from' | 'to'> }) {
  return (
    <span class="mono version-step">
      {from} <span class="muted">→</span> {to}
    </span>
  );
}
