import type { IconNode } from 'lucide';
import type { ComponentChildren } from 'preact';
import { Empty } from './Feedback.tsx';

interface NoRowsProps {
  /** The thing that there is none of: `plugin`. */
  readonly what: string;
  readonly icon: IconNode;
  readonly isFiltered: boolean;
  readonly onClear: () => void;
  /** How there comes to be one. */
  readonly children: ComponentChildren;
}

/** Says that there are no rows: that the filter leaves none, or that there are none at all (K3). */
export function NoRows({ what, icon, isFiltered, onClear, children }: NoRowsProps) {
  if (!isFiltered) {
    return (
      <Empty title={`There is no ${what} yet`} icon={icon}>
        {children}
      </Empty>
    );
  }
  return (
    <Empty title={`No ${what} matches`} icon={icon}>
      <button type="button" class="link" onClick={onClear}>
        Clear the filters
      </button>
    </Empty>
  );
}
