import { TriangleAlert } from 'lucide';
import type { SupervisorRowFragment } from '../../generated/operations.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { cordonedLook, drainStates, type StateLook, supervisorStates, wordOf } from '../../ui/states.ts';

/** The state of a supervisor, and what else an operator should know at a glance. */
export function SupervisorBadges({ row }: { readonly row: SupervisorRowFragment }) {
  const { state, cordoned, drain, conditions } = row;
  const looks: readonly StateLook[] = [
    supervisorStates[state],
    ...(drain && (cordoned || drain.state === 'EXPIRED') ? [drainStates[drain.state]] : cordoned ? [cordonedLook] : []),
    ...conditions.map(({ type }): StateLook => ({ tone: 'warn', icon: TriangleAlert, word: wordOf(type) })),
  ];
  return (
    <span class="badges">
      {looks.map((look) => (
        <StateBadge key={look.word} look={look} />
      ))}
    </span>
  );
}
