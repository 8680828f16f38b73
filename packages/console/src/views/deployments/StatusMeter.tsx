import type { DeploymentRowFragment } from '../../generated/operations.ts';

/** How many of the supervisors that are to have it have it, as a bar and in words. */
export function StatusMeter({ status }: { readonly status: DeploymentRowFragment['status'] }) {
  const { desired, active, updating, failed } = status;
  const width = Math.max(1, desired);
  const shown = Math.min(width, active);
  const good = Math.max(0, shown - updating);
  // The rest of the active ones still have another version.
  const parts = [
    { tone: 'good', count: good },
    { tone: 'busy', count: shown - good },
  ];
  const others = [updating > 0 && `${updating} updating`, failed > 0 && `${failed} failed`].filter(Boolean).join(', ');
  return (
    <span class="status-meter">
      <svg viewBox={`0 0 ${width} 1`} preserveAspectRatio="none" aria-hidden="true">
        {parts.map(({ tone, count }, index) => (
          <rect key={tone} data-tone={tone} x={index === 0 ? 0 : good} width={count} height="1" />
        ))}
      </svg>
      <span>
        {active} of {desired} active
        {others && <span class="muted">, {others}</span>}
      </span>
    </span>
  );
}
