import { StateBadge } from '../../ui/StateBadge.tsx';
import { pluginStates, type StateLook, supervisorStates, wordOf } from '../../ui/states.ts';

const looks: Readonly<Record<string, StateLook>> = { ...supervisorStates, ...pluginStates };

interface StateStepProps {
  readonly from: string | null;
  readonly to: string | null;
}

/** From which state to which. */
export function StateStep({ from, to }: StateStepProps) {
  if (to === null || to === 'NONE' || from === to) return null;
  return (
    <span class="step">
      {from !== null && from !== 'NONE' && <StateWord state={from} />}
      <span class="muted">→</span>
      <StateWord state={to} />
    </span>
  );
}

function StateWord({ state }: { readonly state: string }) {
  const look = looks[state];
  return look ? <StateBadge look={look} /> : <span>{wordOf(state)}</span>;
}
