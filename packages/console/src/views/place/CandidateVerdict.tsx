import { CircleCheck, CircleX } from 'lucide';
import { Labels } from '../../ui/Labels.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { placementRules } from './placementRules.ts';
import type { Candidate } from './placementSource.ts';

/** Whether a supervisor can take the plugin; if not, the rule that rejects it, and what it lacks. */
export function CandidateVerdict({ row }: { readonly row: Candidate }) {
  const { rejectedBy, lackingLabels, message } = row;
  if (rejectedBy === null) return <StateBadge look={{ tone: 'good', icon: CircleCheck, word: 'Can take it' }} />;
  return (
    <span class="name-cell">
      <StateBadge look={{ tone: 'off', icon: CircleX, word: placementRules[rejectedBy] }} />
      {lackingLabels ? <Labels labels={lackingLabels} /> : message && <span class="sub">{message}</span>}
    </span>
  );
}
