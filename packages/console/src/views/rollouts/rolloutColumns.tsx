import type { ReadonlySignal } from '@preact/signals';
import type { RolloutRowFragment } from '../../generated/operations.ts';
import { Message } from '../../ui/Message.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { durationText } from '../../ui/timeText.ts';
import { isUnderWay, rolloutStates } from './rolloutStates.ts';
import { StepProgress } from './StepProgress.tsx';
import { VersionStep } from './VersionStep.tsx';

/** The columns of a list of rollouts. @param tick moves when steps may have changed */
export function rolloutColumns(tick: ReadonlySignal<unknown>): readonly Column<RolloutRowFragment>[] {
  return [
    {
      name: 'plugin',
      title: 'Plugin',
      grows: true,
      cell: (row) => (
        <NameCell to={`/rollouts/${row.id}`} name={row.pluginId}>
          <span class="sub">
            <VersionStep row={row} />
          </span>
        </NameCell>
      ),
    },
    {
      name: 'state',
      title: 'State',
      cell: (row) => (
        <span class="name-cell">
          <StateBadge look={rolloutStates[row.state]} />
          {isUnderWay(row) && <StepProgress rolloutId={row.id} tick={tick} isSmall />}
        </span>
      ),
    },
    {
      name: 'why',
      title: 'Why it halted',
      from: 'wide',
      cell: ({ message }) =>
        message ? (
          <span class="sub" title={message}>
            <Message text={message} />
          </span>
        ) : (
          <span class="muted">–</span>
        ),
    },
    { name: 'domain', title: 'Domain', from: 'desktop', cell: ({ domainId }) => domainId },
    { name: 'actor', title: 'By', from: 'desktop', cell: ({ actor }) => actor },
    { name: 'begun', title: 'Begun', from: 'tablet', cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      name: 'took',
      title: 'Took',
      from: 'tablet',
      cell: ({ createdAt, endedAt }) =>
        endedAt ? durationText((Date.parse(endedAt) - Date.parse(createdAt)) / 1_000) : 'under way',
    },
  ];
}
