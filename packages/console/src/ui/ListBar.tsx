import { ChevronLeft, ChevronRight } from 'lucide';
import type { ComponentChildren } from 'preact';
import type { LiveList } from '../data/liveList.ts';
import { firstPage, type Paging } from '../url/query.ts';
import { Button } from './Button.tsx';

interface ListBarProps {
  readonly list: LiveList;
  readonly paging: Paging;
  readonly onPage: (paging: Paging) => void;
  /** What the rows are, in the plural: `supervisors`. */
  readonly what: string;
  /** In place of the count, while rows are chosen. */
  readonly chosen?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** How many rows a page has. */
export const pageSize = 50;

const counted = (count: number) => count.toLocaleString('en-US');

/** Says which rows of how many are shown, and what has come and gone since (K4); leads to other pages. */
export function ListBar({ list, paging, onPage, what, chosen, children }: ListBarProps) {
  const state = list.state.value;
  const { totalCount } = list.news.value;
  const shown = state.kind === 'ready' ? state.ids.length : 0;
  const { offset } = paging;
  return (
    <div class="list-bar">
      {chosen || (
        <p class="list-count">
          {state.kind === 'ready' && shown > 0 && (
            <>
              <strong>
                {counted(offset + 1)}–{counted(offset + shown)}
              </strong>{' '}
              of {counted(Math.max(totalCount, offset + shown))} {what}
            </>
          )}
        </p>
      )}
      <News list={list} />
      <div class="list-tools">
        {children}
        {state.kind === 'ready' && (state.pageInfo.hasNextPage || state.pageInfo.hasPreviousPage) && (
          <div class="pager">
            <Button
              kind="quiet"
              icon={ChevronLeft}
              aria-label="Page before"
              disabled={!state.pageInfo.hasPreviousPage}
              onClick={() => onPage(pageBefore(state.pageInfo.startCursor, offset))}
            />
            <Button
              kind="quiet"
              icon={ChevronRight}
              aria-label="Next page"
              disabled={!state.pageInfo.hasNextPage}
              onClick={() => onPage({ after: state.pageInfo.endCursor, before: null, offset: offset + shown })}
            />
          </div>
        )}
      </div>
    </div>
  );
}

function pageBefore(startCursor: string | null, offset: number): Paging {
  if (offset <= pageSize) return firstPage;
  return { after: null, before: startCursor, offset: offset - pageSize };
}

function News({ list }: { readonly list: LiveList }) {
  const { added, gone } = list.news.value;
  const parts = [added > 0 && `${counted(added)} new`, gone.size > 0 && `${counted(gone.size)} gone`].filter(Boolean);
  if (parts.length === 0) return null;
  return (
    <button type="button" class="news" onClick={list.refresh}>
      {parts.join(', ')} <span>Show</span>
    </button>
  );
}
