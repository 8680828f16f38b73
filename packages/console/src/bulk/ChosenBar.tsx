import { Ellipsis, X } from 'lucide';
import type { ComponentChildren } from 'preact';
import type { LiveList } from '../data/liveList.ts';
import { Button } from '../ui/Button.tsx';
import { Menu } from '../ui/Menu.tsx';
import type { Selection } from '../ui/selection.ts';

interface ChosenBarProps {
  readonly selection: Selection;
  readonly list: LiveList;
  readonly what: string;
  /** The lines of the menu. @param close closes it */
  readonly children: (close: () => void) => ComponentChildren;
}

/** How many rows are chosen, and what can be done to them. */
export function ChosenBar({ selection, list, what, children }: ChosenBarProps) {
  const chosen = selection.ids.value.size;
  const { totalCount } = list.news.value;
  const isAll = selection.isAllMatching.value;
  return (
    <div class="chosen-bar" role="toolbar" aria-label={`Chosen ${what}`}>
      <strong>{(isAll ? totalCount : chosen).toLocaleString('en-US')} chosen</strong>
      {!isAll && totalCount > chosen && (
        <button type="button" class="link" onClick={selection.chooseAllMatching}>
          Choose all {totalCount.toLocaleString('en-US')} that match
        </button>
      )}
      <Menu label="Actions" icon={Ellipsis}>
        {children}
      </Menu>
      <Button kind="quiet" icon={X} onClick={selection.clear}>
        Clear
      </Button>
    </div>
  );
}

/** The rows that are chosen, as bulk mutations take them (K5). */
export function targetOf<Filter extends object>(
  selection: Selection,
  filter: Filter,
):
  | { readonly filter: Filter }
  | { readonly filter: { readonly id: { readonly in: readonly string[] } } }
  | { readonly all: true } {
  if (!selection.isAllMatching.peek()) return { filter: { id: { in: [...selection.ids.peek()].sort() } } };
  return Object.keys(filter).length === 0 ? { all: true } : { filter };
}
